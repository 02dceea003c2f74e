import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../../src/app/content-hash';
import { loadStoredRun } from '../../src/app/plans/stored-run';
import { reportJson } from '../../src/core/report/report-json';
import { parseTrace } from '../../src/formats/read-trace';
import { directly } from '../support/directly';
import { createTestService, launchOf, type TestService } from '../support/service';

const NAME = 'conversations.csv';
const FILE = join(__dirname, '..', 'app', 'mooncake', NAME);
const CSV = readFileSync(FILE, 'utf8');
/** Without its last column, the hashes. */
const PLAIN = CSV.replace(/,[^,\n]*$/gm, '');

let planning: TestService;
beforeAll(async () => {
  planning = await createTestService();
  await register(NAME, CSV);
  planning.startWorker();
});
afterAll(() => planning.close());

const register = (name: string, csv: string) => planning.api.registerTrace(planning.caller, { name, csv });

const requestOf = (workload: object) => ({
  model: 'llama-3.1-8b',
  workload: { arrival_rate_range: [0.5, 8], ...workload },
  constraints: { max_ttft_p95_ms: 8000 },
  config_space: {
    gpu_types: ['H100'],
    tensor_parallel: [1],
    num_replicas: [1, 2],
    schedulers: ['vllm'],
    max_batch_sizes: [64],
  },
  simulation: { duration: 60, warmup_duration: 5, random_seed: 3 },
});

const stored = async (workload: object) => {
  const { plan, run } = await planning.api.launchPlan(planning.caller, launchOf(requestOf(workload)));
  await planning.finished(plan.id);
  return loadStoredRun(planning.service, planning.caller, run.id);
};

test.each([
  ['simulated from the hashes', { prefix_caching: { simulate: true } }, [0.05, 0.6]],
  ['a share of every prompt', { prefix_caching: { hit_rate: 0.5 } }, [0.49, 0.5]],
  ['so many tokens of every prompt', { cached_prompt_tokens: 1000 }, [0.01, 0.5]],
])('a plan with a cache, %s, finds what the library finds', async (_, cache, [low, high]) => {
  const { result, run } = await stored({ trace: NAME, ...cache });
  const { result: direct, context } = await directly(requestOf({ trace: FILE, ...cache }));
  expect(result.candidates).toEqual(direct.candidates);
  const best = result.candidates[0]!;
  expect(best.status).toBe('FEASIBLE');
  const hitRate = best.metrics!.prefixCacheHitRate!;
  expect(hitRate).toBeGreaterThan(low!);
  expect(hitRate).toBeLessThanOrEqual(high!);
  const [record] = await planning.service.reads.candidatesByKey([{ runId: run.id, configId: 1 }]);
  expect(record!.prefixCacheHitRate).toBe(hitRate);

  const report = JSON.parse(await planning.api.report(planning.caller, run.id, 'json'));
  expect(report.request).toEqual(JSON.parse(JSON.stringify(reportJson(direct, context))).request);
  expect(report.request.workload).toMatchObject({ trace: NAME });
  expect(report.best_configuration.performance.prefix_cache_hit_rate).toBeCloseTo(hitRate, 3);
  for (const format of ['text', 'markdown'] as const)
    expect(await planning.api.report(planning.caller, run.id, format)).toMatch(/Prefix cache.*%/);
});

test('without prefix caching nothing is said of it, though the trace has hashes', async () => {
  const { result, run } = await stored({ trace: NAME });
  const { result: direct } = await directly(requestOf({ trace: FILE }));
  expect(result.candidates).toEqual(direct.candidates);
  const [record] = await planning.service.reads.candidatesByKey([{ runId: run.id, configId: 1 }]);
  expect(record!.prefixCacheHitRate).toBeNull();
  for (const format of ['text', 'markdown', 'csv'] as const)
    expect(await planning.api.report(planning.caller, run.id, format)).not.toMatch(/prefix.cache/i);
});

test('a stored plan is run again, and ranked again, with the cache it was launched with', async () => {
  const cache = { trace: NAME, prefix_caching: { simulate: true } };
  const { plan, run, result } = await stored(cache);
  const rerun = await planning.api.rerunPlan(planning.caller, plan.id);
  await planning.finished(plan.id);
  const again = await loadStoredRun(planning.service, planning.caller, rerun.id);
  expect(again.result.candidates).toEqual(result.candidates);
  const ranked = await planning.api.rerank(planning.caller, {
    runId: run.id,
    changes: {},
    priceBookId: null,
  });
  expect(ranked.choice.best).toBe(result.best);
  expect(ranked.request).toEqual(result.request);
});

describe('the hash of a trace', () => {
  const HEADER = 'arrived_at_s,prompt_tokens,output_tokens';

  test('is what it was where it has no hashes', async () => {
    const { record } = await register('plain three', `${HEADER}\n0,100,10\n1,200,20\n2,300,30\n`);
    expect(record.contentHash).toBe('d98223ce5dd9e66f11eedf675b9fa082612419437b59d1f870e4f16eda211b73');
  });

  test('tells traces apart that differ in their blocks or cached tokens', async () => {
    const contents = [
      PLAIN,
      `${HEADER},hash_ids\n0,600,1,1 2\n1,600,1,1 2\n`,
      `${HEADER},hash_ids\n0,600,1,1 2\n1,600,1,1 3\n`,
      `${HEADER},hash_ids\n0,600,1,1 2\n1,600,1,\n`,
      `${HEADER}\n0,600,1\n1,600,1\n`,
      `${HEADER},cached_prompt_tokens\n0,600,1,512\n1,600,1,0\n`,
      `${HEADER},cached_prompt_tokens,hash_ids\n0,600,1,512,1 2\n1,600,1,0,1 2\n`,
    ];
    const hashes = new Set<string>();
    for (const [i, csv] of contents.entries()) {
      const { record, created } = await register(`trace ${i}`, csv);
      expect(created).toBe(true);
      hashes.add(record.contentHash);
    }
    expect(hashes.size).toBe(contents.length);
    // Other names of the same blocks are the same trace.
    const renamed = await register('renamed', `${HEADER},hash_ids\n0,600,1,7 8\n1,600,1,7 8\n`);
    expect(renamed).toMatchObject({ created: false, record: { name: 'trace 1' } });
  });

  test('of one stored before blocks were kept is another, so that it can be stored again with them', async () => {
    const csv = `${HEADER},hash_ids\n0,600,1,1 2\n9,600,1,1 2\n`;
    const { hashes, name: _, ...columns } = parseTrace({ source: 'old', text: csv });
    const { addTrace } = planning.service.writes;
    const { workspaceId } = planning.caller;
    await addTrace(workspaceId, { ...columns, name: 'old' }, contentHash({ ...columns, hashes }));
    expect(await register('new', csv)).toMatchObject({ created: true, record: { promptBlockCount: 4 } });
  });
});
