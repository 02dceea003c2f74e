import { readFileSync } from 'node:fs';
import type { LintFinding } from '../../src/core/profile/lint-finding';
import { cli, cliHere, ROOT, scratchFolder } from './support';

const { path, write } = scratchFolder();
const ID = 'a100-80gb/llama-2-7b/tp1/kernel-sum-bf16';

test('list shows the library, all of it or of a model and a GPU', async () => {
  const all = await cli(['profiles', 'list']);
  expect(all.code).toBe(0);
  expect(all.stdout).toContain(ID);
  const some = await cli(['profiles', 'list', '--model', 'llama-7b', '--gpu', 'A100']);
  const [head, ...rows] = some.stdout.trimEnd().split('\n');
  expect(head).toMatch(/^ID +KIND +ENGINE +DTYPE +PREFILL +DECODE$/);
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect(row).toMatch(/^a100-80gb\/llama-2-7b\//);
});

test('list --json is for scripts', async () => {
  const { stdout } = await cliHere(['profiles', 'list', '--model', 'llama-7b', '--json']);
  const entries = JSON.parse(stdout) as { id: string; tensor_parallel: number }[];
  expect(entries.find(({ id }) => id === ID)).toMatchObject({
    gpu: 'a100-80gb',
    tensor_parallel: 1,
    kind: 'composed',
  });
});

test('show gives what a profile is of, its coverage, times and lint', async () => {
  const { code, stdout } = await cli(['profiles', 'show', ID]);
  expect(code).toBe(0);
  for (const words of [
    'llama-2-7b',
    'a100-80gb, tensor-parallel 1',
    'Decode, ms per step',
    'batch 1',
    'Lint:',
  ])
    expect(stdout).toContain(words);
  const json = JSON.parse((await cliHere(['profiles', 'show', ID, '--json'])).stdout) as Record<
    string,
    unknown
  >;
  expect(json).toMatchObject({
    id: ID,
    model: 'llama-2-7b',
    coverage: {
      decode: { rows: expect.any(Number), context_tokens: [expect.any(Number), expect.any(Number)] },
    },
    memory: { kv_bytes_per_token: 524288 },
    lint: [],
  });
});

/** Shipped rows under a name they do not belong to. */
function mislabelled(): string {
  const rows = readFileSync(`${ROOT}/data/profiles/${ID}/fitted_profile.json`, 'utf8');
  write('fitted_profile.json', rows);
  write('metadata.json', '{"model_name": "llama-2-70b", "hardware": {"gpu": "A100", "tensor_parallel": 1}}');
  return path('');
}

test('lint: findings with code, numbers and fix; exit code 2 on errors only', async () => {
  const clean = await cli(['profiles', 'lint', ID]);
  expect(clean).toEqual({ code: 0, stdout: `${ID}: no findings\n`, stderr: '' });
  const flawed = await cli(['profiles', 'lint', ID, mislabelled()]);
  expect(flawed.code).toBe(2);
  expect(flawed.stdout).toMatch(/error \[(flops-above-peak|bytes-above-bandwidth)\] .*\d.*\n {4}fix: /);
  const json = await cli(['profiles', 'lint', path(''), '--json']);
  const [checked] = JSON.parse(json.stdout) as { profile: string; findings: LintFinding[] }[];
  expect([json.code, checked?.profile]).toEqual([2, path('')]);
  expect(checked?.findings.some(({ severity }) => severity === 'error')).toBe(true);
});

test.each([
  [['profiles', 'list', '--gpu', 'H10'], /^error: --gpu: found "H10"; .*did you mean/],
  [['profiles', 'list', '--model', 'lama-7b'], /^error: --model: found "lama-7b"; .*did you mean/],
  [['profiles', 'show', 'a100-80gb/llama-2-7b/tp1/kernel-sum'], /^error: .*did you mean .*kernel-sum-bf16/],
  [['catalog', 'prices', '--gpu', 'H10'], /^error: --gpu: found "H10"/],
])('%j: exit code 2 with near names', async (args, message) => {
  const { code, stderr } = await cliHere(args);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test.each([
  [['catalog', 'gpus'], /^a100-80gb +NVIDIA A100 SXM4 80GB/m],
  [['catalog', 'models'], /^llama-2-7b +meta-llama\/Llama-2-7b/m],
  [['catalog', 'prices', '--gpu', 'A100'], /^a100-80gb +aws +on-demand/m],
])('%j lists names a request may use', async (args, row) => {
  const { code, stdout } = await cliHere(args);
  expect([code, stdout]).toEqual([0, expect.stringMatching(row)]);
});
