import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLArgument, getNamedType } from 'graphql';
import {
  type Access,
  codes,
  type Data,
  filled,
  MUTATIONS,
  openAccess,
  QUERIES,
  REQUEST,
} from './access-case';

// Workspaces see nothing of each other, whatever is asked.

let access: Access;
beforeAll(async () => {
  access = await openAccess();
}, 120_000);
afterAll(() => access?.close());

/** Ids and names inside inputs: to others they are as unknown as any. */
const INPUTS = [
  ['mutation', 'calibrate(input: { telemetrySetIds: [$telemetry] }) { id }'],
  [
    'mutation',
    'registerTelemetry(input: { name: "n", yaml: "{profile: our-profile, engine: e, deployment: {gpu_type: A100, tensor_parallel: 1, scheduler: vllm}, requests: \\"a\\\\n1\\" }" }) { created }',
  ],
  [
    'mutation',
    'launchPlan(input: { profileIds: [$profile], yaml: "config_space: {gpu_types: [A100]}" }) { created }',
  ],
  [
    'mutation',
    'launchPlan(input: { workload: $workload, yaml: "{model: llama-2-7b, config_space: {gpu_types: [A100]}}" }) { created }',
  ],
  [
    'mutation',
    'launchPlan(input: { workload: "our-workload", yaml: "{model: llama-2-7b, config_space: {gpu_types: [A100]}}" }) { created }',
  ],
  ['mutation', 'launchPlan(input: { request: { profile: "our-profile" } }) { created }'],
  [
    'mutation',
    'launchPlan(input: { request: { model: "llama-2-7b", workload: { trace: $trace }, configSpace: { gpuTypes: ["A100"] } } }) { created }',
  ],
  [
    'mutation',
    'launchPlan(input: { request: { model: "llama-2-7b", workload: { trace: "our-trace" }, configSpace: { gpuTypes: ["A100"] } } }) { created }',
  ],
  [
    'query',
    'previewPlan(input: { profileIds: [$profile], yaml: "config_space: {gpu_types: [A100]}" }) { candidateCount }',
  ],
  [
    'mutation',
    'simulate(input: { profileId: $profile, yaml: "{deployment: {gpu_type: A100, tensor_parallel: 1, scheduler: vllm}, workload: {arrival: {process: poisson, rate: 1}}}" }) { cpuS }',
  ],
  ['mutation', 'registerWorkload(input: { name: "w", workload: { trace: $trace } }) { created }'],
] as const;

const SUBSCRIPTIONS = [
  'planProgress(planId: $plan) { id }',
  'planProgress(runId: $run) { id }',
  'candidateEvaluated(planId: $plan) { id }',
  'candidateEvaluated(runId: $run) { id }',
];

/** Ids that nobody has, by the same names. */
function unknownIds(): Record<string, string> {
  const uuids = Object.keys(access.ids).map((name, i) => [name, `00000000-0000-4000-8000-00000000000${i}`]);
  const ids = Object.fromEntries(uuids) as Record<string, string>;
  return { ...ids, candidate: `${ids.run}:1` };
}

/** What errors tell, without the ids that were asked for. */
const anonymous = (errors: readonly Data[]): string =>
  [access.ids, unknownIds()]
    .flatMap((known) => Object.values(known))
    .reduce(
      (text, id) => text.replaceAll(id, '<id>'),
      JSON.stringify(errors.map(({ message, path, extensions }) => ({ message, path, extensions }))),
    );

describe('another workspace', () => {
  test.each([...QUERIES.map((text) => ['query', text]), ...MUTATIONS.map((text) => ['mutation', text])])(
    'cannot tell ours from nothing: %s %s',
    async (kind, text) => {
      const ours = await access.refusal(access.keys.theirs, `${kind} { ${filled(text, access.ids)} }`);
      const nobodys = await access.refusal(access.keys.theirs, `${kind} { ${filled(text, unknownIds())} }`);
      expect(codes(ours)).toEqual(['NOT_FOUND']);
      expect(anonymous(ours)).toBe(anonymous(nobodys));
    },
  );

  test.each(INPUTS)('cannot use ours: %s %s', async (kind, text) => {
    const ours = await access.refusal(access.keys.theirs, `${kind} { ${filled(text, access.ids)} }`);
    expect(['NOT_FOUND', 'INVALID_INPUT']).toContain(codes(ours)[0]);
    const nobodys = await access.refusal(access.keys.theirs, `${kind} { ${filled(text, unknownIds())} }`);
    expect(anonymous(ours)).toBe(anonymous(nobodys));
  });

  test.each(SUBSCRIPTIONS)('hears nothing of ours: %s', async (text) => {
    const heard = async (known: Readonly<Record<string, string>>): Promise<Data[]> => {
      const messages: Data[] = [];
      const query = `subscription { ${filled(text, known)} }`;
      try {
        for await (const message of access.server.ws({ apiKey: access.keys.theirs }).iterate({ query }))
          messages.push(message);
      } catch (errors) {
        messages.push({ errors });
      }
      return messages;
    };
    const [{ data, errors }, ...rest] = await heard(access.ids);
    expect([data ?? null, rest, codes(errors)]).toEqual([null, [], ['NOT_FOUND']]);
    expect(anonymous(errors)).toBe(anonymous((await heard(unknownIds()))[0].errors));
  });

  test('prices of ours rank nothing of theirs', async () => {
    const { launchPlan } = await access.ask(
      access.keys.theirs,
      'mutation L($input: LaunchPlanInput!) { launchPlan(input: $input) { plan { id } } }',
      { input: { request: REQUEST } },
    );
    const query = 'subscription W($id: ID!) { planProgress(planId: $id) { status } }';
    const watch = { query, variables: { id: launchPlan.plan.id } };
    for await (const _ of access.server.ws({ apiKey: access.keys.theirs }).iterate(watch));
    const rerank = `query R($id: ID!, $book: ID!) { rerank(id: $id, by: {}, priceBookId: $book) { certain } }`;
    const errors = await access.refusal(access.keys.theirs, rerank, {
      id: launchPlan.plan.id,
      book: access.ids.priceBook,
    });
    expect(codes(errors)).toEqual(['NOT_FOUND']);
    await access.ask(access.keys.theirs, 'mutation A($id: ID!) { archivePlan(id: $id) { id } }', {
      id: launchPlan.plan.id,
    });
    await access.ask(access.keys.theirs, 'mutation D($id: ID!) { deletePlan(id: $id) { id } }', {
      id: launchPlan.plan.id,
    });
  });

  test('finds nothing of ours in any list', async () => {
    const lists = `{
      plans(filter: { includeArchived: true }) { totalCount nodes { id } }
      candidates { totalCount nodes { id } }
      workloads { nodes { id } }
      traces { nodes { id } }
      telemetrySets { nodes { id name } }
      calibrations { nodes { id } }
      priceBooks { nodes { id version } }
      prices { version quotes(gpuIds: ["a100-80gb"]) { product } }
      apiKeys { id }
      profiles(first: 200, filter: { modelIds: ["llama-2-7b"] }) { nodes { id name shipped } }
    }`;
    const history = '{ history(modelId: "llama-2-7b", gpuId: "a100-80gb") { nodes { run { id } } } }';
    const seen = JSON.stringify([
      await access.ask(access.keys.theirs, lists),
      await access.ask(access.keys.theirs, history),
    ]);
    for (const [name, id] of Object.entries(access.ids))
      expect([name, seen.includes(id)]).toEqual([name, false]);
    expect(seen).not.toMatch(/our-|"ours"/);

    // All of it is there for us.
    const ours = JSON.stringify([
      await access.ask(access.keys.ours, lists),
      await access.ask(access.keys.ours, history),
    ]);
    for (const [name, id] of Object.entries(access.ids))
      expect([name, ours.includes(id)]).toEqual([name, true]);
  });

  test('has changed nothing of ours', async () => {
    const { plan, profile, workload, apiKeys } = await access.ask(
      access.keys.ours,
      `query All($plan: ID!, $profile: ID!, $workload: ID!) {
        plan(id: $plan) { archivedAt runs { id status } best { id } }
        profile(id: $profile) { archivedAt }
        workload(id: $workload) { archivedAt }
        apiKeys { id revokedAt }
      }`,
      access.ids,
    );
    expect(plan).toEqual({
      archivedAt: null,
      runs: [{ id: access.ids.run, status: 'COMPLETED' }],
      best: { id: access.ids.candidate },
    });
    expect([profile, workload]).toEqual([{ archivedAt: null }, { archivedAt: null }]);
    expect(apiKeys).toContainEqual({ id: access.ids.key, revokedAt: null });
  });
});

test('every operation of the schema that takes an id is tried above', () => {
  const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
  const takesIds = (name: 'Query' | 'Mutation' | 'Subscription') =>
    Object.values((schema.getType(name) as Data).getFields() as Record<string, Data>)
      .filter(({ args }) => args.some(({ type }: GraphQLArgument) => getNamedType(type).name === 'ID'))
      .map((field) => field.name as string);
  const tried = new Set([...QUERIES, ...MUTATIONS, ...SUBSCRIPTIONS].map((text) => text.split('(')[0]));
  // Ids of the catalogue, which is everybody's.
  const ofCatalogue = ['gpus', 'models', 'history'];
  const missing = [...takesIds('Query'), ...takesIds('Mutation'), ...takesIds('Subscription')].filter(
    (name) => !tried.has(name) && !ofCatalogue.includes(name),
  );
  expect(missing).toEqual([]);
});
