import { createHash } from 'node:crypto';
import { type ApiServer, dataOf, errorOf, LIMITS, openApi } from './support';

let api: ApiServer;
beforeAll(async () => {
  api = await openApi();
}, 60_000);
afterAll(() => api?.close());
afterEach(() => expect(api.logged.splice(0)).toEqual([]));

const limitOf = async (query: string, variables: object = {}) => {
  const answer = await api.query(query, variables);
  expect(answer.status).toBe(400);
  const { extensions } = errorOf(answer);
  expect(extensions.code).toBe('LIMIT_EXCEEDED');
  return extensions;
};

describe('a document is refused that has too much', () => {
  const runs = (times: number) => `${'latestRun { plan { '.repeat(times)}id${' } }'.repeat(times)}`;

  test('depth', async () => {
    dataOf(await api.query(`{ plans(first: 1) { nodes { ${runs(4)} } } }`));
    const found = await limitOf(`{ plans(first: 1) { nodes { ${runs(5)} } } }`);
    expect(found).toMatchObject({ limited: 'depth of the query', found: 13, allowed: LIMITS.maxQueryDepth });
  });

  test('depth inside fragments, however often they are used', async () => {
    const levels = Array.from(
      { length: 25 },
      (_, i) =>
        `fragment f${i} on Plan { latestRun { plan { ${i < 24 ? `...f${i + 1} ...f${i + 1}` : 'id'} } } }`,
    );
    const found = await limitOf(`{ plans { nodes { ...f0 } } } ${levels.join(' ')}`);
    expect(found.found).toBe(53);
  });

  test('aliases', async () => {
    const found = await limitOf(
      `{ viewer { ${Array.from({ length: 31 }, (_, i) => `a${i}: role`).join(' ')} } }`,
    );
    expect(found).toMatchObject({ found: 31, allowed: 30 });
  });

  test('fields at the root, in fragments too', async () => {
    const fields = Array.from({ length: 6 }, (_, i) => `a${i}: __typename b${i}: viewer { role }`).join(' ');
    const found = await limitOf(`{ ...all ...all } fragment all on Query { ${fields} }`);
    expect(found).toMatchObject({ limited: 'fields at the root of the query', found: 12, allowed: 10 });
  });

  test('directives', async () => {
    const found = await limitOf(`{ viewer { ${'role @include(if: true) '.repeat(51)} } }`);
    expect(found).toMatchObject({ found: 51, allowed: 50 });
  });

  test('tokens', async () => {
    const answer = await api.query(`{ viewer { ${'role '.repeat(2000)} } }`);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).extensions.code).toBe('LIMIT_EXCEEDED');
  });

  test('rows its answer may hold, by the sizes of its pages', async () => {
    const nested = `query ($first: Int!) { plans(first: $first) { nodes { candidates(first: 100) { nodes { id config { gpuType } cost { qpsPerDollar } } } } } }`;
    dataOf(await api.query(nested, { first: 40 }));
    expect(await limitOf(nested, { first: 50 })).toMatchObject({
      found: 50 * 101,
      allowed: 5000,
      hint: expect.stringContaining('a smaller `first`'),
    });
    const { message, extensions } = errorOf(await api.query('{ plans(first: 201) { nodes { id } } }'));
    expect(extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', hint: expect.stringContaining('`after`') });
    expect(message).toContain(extensions.hint as string);
  });

  test('nesting of the variables', async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 2000; i++) deep = [deep, 'x'];
    const input = { fittedProfile: deep, model: 'llama-7b', gpu: 'A100' };
    await limitOf('query ($input: ProfileInput!) { lintProfile(input: $input) { kind } }', { input });
  });
});

describe('a document that is wrong', () => {
  test.each([
    ['{ plans { nodes { id } }', 'GRAPHQL_PARSE_FAILED'],
    ['{ plans { nodes { idd } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ plans(first: "a") { nodes { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      '{ a: plans { ...f } } fragment f on PlanConnection { ...g } fragment g on PlanConnection { ...f }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['query a { viewer { role } } query b { viewer { role } }', 'OPERATION_RESOLUTION_FAILURE'],
    ['', 'BAD_REQUEST'],
    ['subscription { planProgress { id } }', 'BAD_REQUEST'],
  ])('%s', async (query, code) => {
    const answer = await api.query(query);
    expect(answer.status).toBe(400);
    expect(answer.errors?.every((error) => error.extensions.code === code)).toBe(true);
  });

  test.each([[{ first: 'x' }], [{ first: null }], [{ first: 1.5 }], [{ first: 1e12 }], [{ first: [] }]])(
    'variables %j',
    async (variables) => {
      const answer = await api.query(
        'query ($first: Int!) { plans(first: $first) { nodes { id } } }',
        variables,
      );
      expect(answer.status).toBe(400);
      expect(errorOf(answer).extensions.code).toBe('BAD_USER_INPUT');
    },
  );

  test('a null where a default would have been', async () => {
    const answer = await api.query('query ($first: Int) { plans(first: $first) { nodes { id } } }', {
      first: null,
    });
    expect(errorOf(answer).extensions.code).toBe('BAD_USER_INPUT');
  });

  test.each([
    ['{ plan(id: "a\\u0000b") { id } }', {}],
    ['query ($name: String) { plans(filter: { nameContains: $name }) { totalCount } }', { name: 'a\u0000b' }],
    ['query ($name: String) { plans(filter: { nameContains: $name }) { totalCount } }', { name: 'a\ud800b' }],
  ])('text that no database keeps: %s', async (query, variables) => {
    expect(errorOf(await api.query(query, variables)).extensions.code).toBe('INVALID_INPUT');
  });
});

describe('what is not for browsers of strangers, or not at all', () => {
  test('a simple cross-site request is refused', async () => {
    const response = await fetch(`${api.url}?query=${encodeURIComponent('{ viewer { role } }')}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('CSRF');
  });

  test('a GET with a header of our own is answered, a mutation over it is not', async () => {
    const get = (query: string) =>
      fetch(`${api.url}?query=${encodeURIComponent(query)}`, {
        headers: { 'apollo-require-preflight': 'yes' },
      });
    expect(await (await get('{ viewer { role } }')).json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
    expect((await get('mutation { cancelPlan(id: "x") { id } }')).status).toBe(405);
  });

  test('batches', async () => {
    const answer = await api.post([{ query: '{ viewer { role } }' }, { query: '{ viewer { role } }' }]);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).extensions.code).toBe('BAD_REQUEST');
  });
});

test('introspection, persisted queries and the safelist', async () => {
  const listed = '{ viewer { role } }';
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hash(text) } });
  const safe = await openApi({
    introspection: false,
    persistedQueries: { mode: 'safelist', documents: new Map([[hash(listed), listed]]) },
  });
  const apq = await openApi({ introspection: false, persistedQueries: { mode: 'apq' } });
  try {
    const role = { viewer: { role: 'ADMIN' } };
    expect(dataOf(await safe.query(listed))).toEqual(role);
    expect(dataOf(await safe.post({ extensions: persisted(listed) }))).toEqual(role);
    for (const body of [
      { query: '{ viewer { keyId } }' },
      { extensions: persisted('{ viewer { keyId } }') },
      { query: '{ viewer { keyId } }', extensions: persisted('{ viewer { keyId } }') },
    ]) {
      expect(errorOf(await safe.post(body)).extensions.code).toBe('PERSISTED_QUERY_NOT_ALLOWED');
    }

    const text = '{ viewer { keyId } }';
    expect(errorOf(await apq.post({ extensions: persisted(text) })).extensions.code).toBe(
      'PERSISTED_QUERY_NOT_FOUND',
    );
    dataOf(await apq.post({ query: text, extensions: persisted(text) }));
    expect(dataOf(await apq.post({ extensions: persisted(text) }))).toEqual({ viewer: { keyId: null } });

    const hidden = await apq.query('{ __schema { types { name } } }');
    expect(hidden.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(errorOf(await apq.query('{ plan_ { id } }')).message).not.toContain('Did you mean');
    expect(errorOf(await api.post({ extensions: persisted(text) })).extensions.code).toBe(
      'PERSISTED_QUERY_NOT_SUPPORTED',
    );
  } finally {
    await Promise.all([safe.close(), apq.close()]);
  }
}, 60_000);

test('a fault of ours is told as the id of the request only, and logged with it', async () => {
  const { workspaceId } = api.test.caller;
  const { sql } = api.test.database;
  await sql`ALTER TABLE workspaces RENAME COLUMN name TO name_`;
  const answer = await api.query('{ viewer { workspace { name } } }');
  await sql`ALTER TABLE workspaces RENAME COLUMN name_ TO name`;
  const { message, extensions } = errorOf(answer);
  expect(extensions).toEqual({ code: 'INTERNAL', requestId: expect.stringMatching(/^[\w-]{36}$/) });
  expect(message).toContain(String(extensions.requestId));
  expect(JSON.stringify(answer)).not.toMatch(/name_|workspaces|prisma|node_modules/i);
  expect(api.logged.splice(0)).toMatchObject([{ requestId: extensions.requestId, path: ['viewer'] }]);
  expect(dataOf(await api.query('{ viewer { workspace { id } } }')).viewer.workspace.id).toBe(workspaceId);
});
