import type { RequestSamples } from '../../src/core/telemetry/telemetry';
import { type BuiltServer, startServer } from '../support/built-server';
import { profileInput } from '../support/shipped-profile';
import { randomRequests, servedDeployment, telemetryOf } from '../support/synthetic-telemetry';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// What large, many and foreign telemetry does to the server.

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
type Data = any;

let database: TestDatabase;
let server: BuiltServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer(database.url);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

const ask = (query: string, variables: object = {}): Promise<Data> => server.http().request(query, variables);

const TRUTH = {
  stepMs: 2.5,
  requestMs: 6,
  denseFactor: 1.05,
  prefillAttentionFactor: 1,
  decodeAttentionFactor: 1,
};
const requestsOf = (count: number, seed: number): RequestSamples =>
  telemetryOf(servedDeployment(), randomRequests(count, seed, 1), TRUTH).requests!;
const samplesOf = (s: RequestSamples): object[] =>
  [...s.arrivedAtS.keys()].map((i) => ({
    arrivedAtS: s.arrivedAtS[i],
    promptTokens: s.promptTokens[i],
    outputTokens: s.outputTokens[i],
    ttftMs: s.ttftMs[i],
    tpotMs: s.outputTokens[i]! > 1 ? s.tpotMs[i] : null,
    e2eMs: s.e2eMs[i],
  }));
const SERVED = {
  model: 'llama-2-7b',
  engine: 'vllm 0.15.1',
  deployment: {
    gpuType: 'A100',
    tensorParallel: 1,
    scheduler: 'VLLM',
    maxBatchSize: 256,
    maxBatchedTokens: 4096,
    numGpuBlocks: 6_000,
  },
};
async function register(name: string, telemetry: object): Promise<string> {
  const { registerTelemetry } = await ask(
    'mutation ($input: RegisterTelemetryInput!) { registerTelemetry(input: $input) { telemetrySet { id } } }',
    { input: { name, telemetry: { ...SERVED, ...telemetry } } },
  );
  return registerTelemetry.telemetrySet.id;
}
const calibrate = async (input: object): Promise<Data> =>
  (
    await ask(
      'mutation ($input: CalibrateInput!) { calibrate(input: $input) { id applied profile { name } result { heldOut } } }',
      { input },
    )
  ).calibrate;
const observe = async (id: string): Promise<Data> =>
  (
    await ask(
      `query ($id: ID!) { predictedVsObserved(telemetrySetId: $id) { pointCount calibration { id } points(max: 5000) { position } } }`,
      { id },
    )
  ).predictedVsObserved;

test('a scrape of a million requests is calibrated with, one of another time than its requests is refused', async () => {
  const metric = (name: string, sum: number) =>
    `vllm:${name}_bucket{le="0.05"} 500000\nvllm:${name}_bucket{le="+Inf"} 1000000\nvllm:${name}_sum ${sum}\nvllm:${name}_count 1000000\n`;
  const prometheus = `vllm:request_success_total 1000000\nvllm:prompt_tokens_total 300000000\nvllm:generation_tokens_total 30000000\n${metric('time_to_first_token_seconds', 60_000)}`;
  const { result, applied } = await calibrate({
    telemetrySetIds: [await register('scrape', { prometheus, durationS: 1e6 })],
  });
  expect({ applied, heldOut: result.heldOut }).toEqual({ applied: false, heldOut: false });
  await expect(register('scrape', { prometheus, durationS: 0.001 })).rejects.toThrow(/IMPLAUSIBLE: the rate/);
}, 120_000);

test('comparing waits for no calibration, and keeps at most 5,000 points', async () => {
  const large = await register('large', { samples: samplesOf(requestsOf(2_600, 1)) });
  let calibrated = 0;
  const calibrations = [1, 2, 3].map(async (third) => {
    await calibrate({ telemetrySetIds: [large], fitShare: third / 3 });
    calibrated++;
  });
  const { pointCount, points } = await observe(large);
  expect(calibrated).toBeLessThan(calibrations.length - 1);
  expect(pointCount).toBeGreaterThan(5_000);
  expect(points).toHaveLength(5_000);
  await Promise.all(calibrations);
}, 180_000);

test('telemetry is compared with the calibration of its own profile', async () => {
  const samples = samplesOf(requestsOf(150, 2));
  const plain = await register('on the profile of the library', { samples });
  const library = await calibrate({ telemetrySetIds: [plain] });
  await ask('mutation ($input: ProfileInput!) { ingestProfile(input: $input) { created } }', {
    input: profileInput({ name: 'mine', slower: 1.2 }),
  });
  const named = await register('on mine', { profile: 'mine', samples });
  const mine = await calibrate({ telemetrySetIds: [named] });
  expect([library.profile.name, mine.profile.name]).toEqual([
    'a100-80gb/llama-2-7b/tp1/kernel-sum-bf16',
    'mine',
  ]);
  expect((await observe(plain)).calibration?.id).toBe(library.id);
  expect((await observe(named)).calibration?.id).toBe(mine.id);
}, 120_000);
