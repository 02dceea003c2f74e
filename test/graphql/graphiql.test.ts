import { parse, validate } from 'graphql';
import { graphiqlPage } from '../../src/adapters/graphql/create-graphql-api';
import { buildApiSchema } from '../../src/adapters/graphql/schema';

const page = graphiqlPage();

test('GraphiQL loads nothing from elsewhere and talks to this server', () => {
  const [head = ''] = page.split('<script>');
  expect(head + page.slice(page.lastIndexOf('</script>'))).not.toMatch(/(src|href)="(?!data:)/);
  expect(page).not.toMatch(/<script[^>]+src=/);
  expect(options()).toMatchObject({ endpoint: '/graphql', subscriptionsProtocol: 'WS' });
});

test('the query it begins with is one of the schema', () => {
  expect(validate(buildApiSchema(), parse(options().defaultQuery))).toEqual([]);
});

/** What the page hands to GraphiQL. */
function options(): { readonly defaultQuery: string } {
  const start = page.lastIndexOf("querySelector('#root'),");
  const json = page.slice(page.indexOf('{', start), page.indexOf(');', start)).trim();
  return JSON.parse(json.replace(/,\s*$/, ''));
}
