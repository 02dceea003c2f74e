import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

/** A page to try the API on: one HTML text with everything inside, which works without the internet. */
export const graphiqlPage = (): string =>
  renderGraphiQL({
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    title: 'SimFaaSInfer',
    defaultQuery: DEFAULT_QUERY,
  });

const DEFAULT_QUERY = `# Plans with their recommendation. Ctrl-Enter runs it; the book on the left explains every field.
query NewestPlans {
  plans(first: 10) {
    nodes {
      id
      name
      progress { status fractionDone }
      best {
        config { gpuType totalGpus scheduler }
        performance { maxSustainableQps }
        cost { costPerHourUsd qpsPerDollar }
      }
    }
  }
}
`;
