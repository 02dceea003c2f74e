import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { type BuiltServer, createKey, startServer } from '../support/built-server';
import { createTestDatabase } from '../support/test-database';
import { type Access, codes, type Data, filled, MUTATIONS, openAccess } from './access-case';

// What roles may do, keys that have ended, and servers that ask for none.

let access: Access;
beforeAll(async () => {
  access = await openAccess();
}, 120_000);
afterAll(() => access?.close());

/** A call of each mutation that would do something. */
const CALLS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(MUTATIONS.map((text) => [text.split('(')[0]!, text])),
  createApiKey: 'createApiKey(input: { name: "n", role: ADMIN }) { secret }',
  ingestProfile: 'ingestProfile(input: { fittedProfile: [] }) { created }',
  launchPlan:
    'launchPlan(input: { yaml: "{model: llama-2-7b, config_space: {gpu_types: [A100]}}" }) { created }',
  registerTelemetry: 'registerTelemetry(input: { name: "n", yaml: "{}" }) { created }',
  calibrate: 'calibrate(input: { telemetrySetIds: [$telemetry] }) { id }',
  registerTrace: 'registerTrace(input: { name: "n", csv: "" }) { created }',
  registerWorkload: 'registerWorkload(input: { name: "n", yaml: "prompt_length: 1" }) { created }',
  simulate: 'simulate(input: { yaml: "{}" }) { cpuS }',
  updatePrices: 'updatePrices(input: { version: "v", quotes: [] }) { created }',
};

describe('roles', () => {
  const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
  const mutations = Object.values(schema.getMutationType()!.getFields()).map(({ name, description }) => ({
    name,
    role: /Role (planner|admin)\.$/.exec(description ?? '')?.[1],
  }));

  test.each(mutations)('$name takes the role $role', async ({ name, role }) => {
    const call = `mutation { ${filled(CALLS[name]!, access.ids)} }`;
    for (const key of role === 'admin' ? [access.keys.viewer, access.keys.planner] : [access.keys.viewer]) {
      const errors = await access.refusal(key, call);
      expect(codes(errors)).toEqual(['FORBIDDEN']);
      expect(errors[0].message).toContain(`role ${role}`);
    }
  });

  test('a viewer reads everything but the keys', async () => {
    const { plan, viewer } = await access.ask(
      access.keys.viewer,
      'query P($plan: ID!) { plan(id: $plan) { name best { id } } viewer { role workspace { name } } }',
      access.ids,
    );
    expect(plan).toEqual({ name: 'our-plan', best: { id: access.ids.candidate } });
    expect(viewer).toEqual({ role: 'VIEWER', workspace: { name: 'ours' } });
    expect(codes(await access.refusal(access.keys.viewer, '{ apiKeys { id } }'))).toEqual(['FORBIDDEN']);
  });

  test('a planner plans', async () => {
    const query = 'mutation A($plan: ID!) { archivePlan(id: $plan) { archivedAt } }';
    expect((await access.ask(access.keys.planner, query, access.ids)).archivePlan.archivedAt).not.toBeNull();
    await access.ask(
      access.keys.planner,
      'mutation U($plan: ID!) { unarchivePlan(id: $plan) { id } }',
      access.ids,
    );
  });
});

describe('keys', () => {
  const WHO = '{ viewer { role } }';

  /** How a WebSocket with these parameters ends. */
  const closing = (params: Record<string, unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const query = 'subscription W($plan: ID!) { planProgress(planId: $plan) { status } }';
      access.server.ws(params).subscribe(
        { query, variables: access.ids },
        {
          next: () => reject(new Error('it was answered')),
          error: resolve,
          complete: () => reject(new Error('it ended')),
        },
      );
    });

  async function expectUnknown(key: string, message: RegExp): Promise<void> {
    const errors = await access.refusal(key, WHO);
    expect(codes(errors)).toEqual(['UNAUTHENTICATED']);
    expect(errors[0].message).toMatch(message);
    expect(await closing({ apiKey: key })).toMatchObject({ code: 4403 });
  }

  test('one that is revoked ends at once', async () => {
    const { createApiKey } = await access.ask(
      access.keys.ours,
      'mutation { createApiKey(input: { name: "short-lived", role: PLANNER }) { secret key { id } } }',
    );
    expect(await access.ask(createApiKey.secret, WHO)).toEqual({ viewer: { role: 'PLANNER' } });
    await access.ask(access.keys.ours, 'mutation R($id: ID!) { revokeApiKey(id: $id) { id } }', {
      id: createApiKey.key.id,
    });
    await expectUnknown(createApiKey.secret, /revoked/);
  });

  test('one that has expired is refused', async () => {
    const expired = await createKey(access.database.url, {
      role: 'admin',
      workspace: 'ours',
      expires: '2020-01-01',
    });
    await expectUnknown(expired, /expired/);
  });

  test('one that nobody made, or none, is refused', async () => {
    await expectUnknown(`sfi_${'A'.repeat(43)}`, /not known/);
    const response = await fetch(`${access.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: WHO }),
    });
    expect(response.status).toBe(401);
    expect(codes(((await response.json()) as Data).errors)).toEqual(['UNAUTHENTICATED']);
    expect(await closing({})).toMatchObject({ code: 4403 });
  });

  test('no secret is in the log', () => {
    const log = JSON.stringify(access.server.log) + access.server.stray.join('\n');
    expect(access.server.log.length).toBeGreaterThan(20);
    for (const secret of Object.values(access.keys)) expect(log).not.toContain(secret);
    expect(log).not.toMatch(/sfi_[\w-]{20}/);
  });
});

describe('a server that is open on loopback', () => {
  let open: BuiltServer;
  beforeAll(async () => {
    open = await startServer(access.database.url, { SIMFAASINFER_WORKER_IN_SERVER: 'off' });
  }, 60_000);
  afterAll(() => open?.stop());

  /** By hand: fetch sets the host itself. */
  const statusOf = (headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(`${open.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      });
      sent.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      sent.end(JSON.stringify({ query: '{ viewer { role } }' }));
    });

  test('says so, and takes its callers for admins of the default workspace', async () => {
    expect(open.log.find(({ url }) => url === open.url)).toMatchObject({
      open: true,
      msg: expect.stringContaining('without a key'),
    });
    const { viewer, plans }: Data = await open
      .http()
      .request('{ viewer { role keyId workspace { name } } plans { totalCount } }');
    expect(viewer).toEqual({ role: 'ADMIN', keyId: null, workspace: { name: 'default' } });
    expect(plans.totalCount).toBe(0);
  });

  test('knows keys all the same', async () => {
    const { viewer }: Data = await open
      .http(access.keys.viewer)
      .request('{ viewer { role workspace { name } } }');
    expect(viewer).toEqual({ role: 'VIEWER', workspace: { name: 'ours' } });
    await expect(open.http('sfi_wrong').request('{ viewer { role } }')).rejects.toThrow(/not known/);
  });

  test('answers no page of another site, under no other name, through no proxy', async () => {
    expect(await statusOf({})).toBe(200);
    expect(await statusOf({ host: 'planner.example' })).toBe(403);
    expect(await statusOf({ origin: 'https://planner.example' })).toBe(403);
    expect(await statusOf({ 'x-forwarded-for': '10.0.0.1' })).toBe(403);
  });
});

test('a server for other machines does not start without an admin key, and says how to make one', async () => {
  const empty = await createTestDatabase();
  try {
    await expect(startServer(empty.url, { HOST: '0.0.0.0' })).rejects.toThrow(/keys create --role admin/);
  } finally {
    await empty.drop();
  }
});
