import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import type { ReportJson } from '../../src/core/report/report-json-types';
import { cli, HOPELESS_REQUEST, SMALL_REQUEST, scratchFolder, startCli, withoutClock } from './support';

const { path, write } = scratchFolder();
const read = (name: string): string => readFileSync(path(name), 'utf8');

test('prints the report and writes every form of it, making folders', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  const { code, stdout, stderr } = await cli([
    ...['plan', '--request', request, '--output', path('new/deep/plan.json'), '--summary', path('plan.txt')],
    ...['--markdown', path('plan.md'), '--csv', path('candidates.csv')],
  ]);
  expect([code, stderr]).toEqual([
    0,
    ['new/deep/plan.json', 'plan.txt', 'plan.md', 'candidates.csv']
      .map((name) => `wrote ${path(name)}\n`)
      .join(''),
  ]);
  expect(stdout).toContain('RECOMMENDED CONFIGURATION');
  expect(read('plan.txt')).toBe(stdout);
  const report = JSON.parse(read('new/deep/plan.json')) as ReportJson;
  expect(report.outcome).toBe('recommended');
  expect(report.best_configuration?.slo_compliance.meets_all_slos).toBe(true);
  expect(report.all_candidates).toHaveLength(2);
  expect(report.input_profile).toBe(report.best_configuration?.profile);
  expect(read('plan.md')).toMatch(/^# Capacity planning report\n/);
  expect(read('candidates.csv').split('\r\n')).toHaveLength(4);
});

test('the name of --output decides its form', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  const { code } = await cli(['plan', '--request', request, '--quiet', '--output', path('plan.md')]);
  expect([code, read('plan.md').slice(0, 2)]).toEqual([0, '# ']);
});

test('--quiet prints nothing', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  expect(await cli(['plan', '--request', request, '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('two runs, and any number of threads, give the same report but for the time and the CPU time', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  const plan = (name: string, threads: string[]) =>
    cli(['plan', '--request', request, '--quiet', '--output', path(name), ...threads]);
  const runs = [plan('a.json', []), plan('b.json', ['--threads', '1']), plan('c.json', ['--threads', '2'])];
  for (const { code } of await Promise.all(runs)) expect(code).toBe(0);
  expect(withoutClock(read('b.json'))).toEqual(withoutClock(read('a.json')));
  expect(withoutClock(read('c.json'))).toEqual(withoutClock(read('a.json')));
});

test('nothing fits: exit code 3, and the report says what would help', async () => {
  const request = write('request.yaml', HOPELESS_REQUEST);
  const { code, stdout } = await cli(['plan', '--request', request, '--output', path('plan.json')]);
  const report = JSON.parse(read('plan.json')) as ReportJson;
  expect([code, report.outcome, report.best_configuration]).toEqual([3, 'nothing_fits', null]);
  expect(report.advice.length).toBeGreaterThan(0);
  expect(stdout).toContain('TTFT');
});

test("the specification's command line: a profile, a workload, constraints", async () => {
  const workload = write(
    'production.yaml',
    'arrival_rate_range: [1, 40]\nprompt_length: 256\noutput_length: 32\n',
  );
  const constraints = write('strict_slos.yaml', 'max_ttft_p95_ms: 1000\nmin_qps: 2\n');
  const { code } = await cli([
    ...['plan', '--profile', 'data/profiles/a100-80gb/llama-2-7b/tp1/kernel-sum-bf16/fitted_profile.json'],
    ...['--workload', workload, '--constraints', constraints, '--output', path('results/capacity_plan.json')],
  ]);
  const report = JSON.parse(read('results/capacity_plan.json')) as ReportJson;
  expect([code, report.model, report.best_configuration?.gpu_type]).toEqual([0, 'llama-2-7b', 'a100-80gb']);
  expect(report.input_profile).toBe(
    'data/profiles/a100-80gb/llama-2-7b/tp1/kernel-sum-bf16/fitted_profile.json',
  );
  expect(report.request.constraints).toEqual({ max_ttft_p95_ms: 1000, min_qps: 2 });
});

test('--workload takes a whole request too, and sections may be spread over files', async () => {
  const whole = write('whole.yaml', SMALL_REQUEST);
  const space = write('space.yaml', 'gpu_types: [A100]\nnum_replicas: [1]\nmax_batch_sizes: [32]\n');
  const rest = write('rest.yaml', SMALL_REQUEST.replace(/config_space:[\s\S]*(?=simulation)/, ''));
  const runs = [
    cli(['plan', '--workload', whole, '--quiet', '--output', path('whole.json')]),
    cli(['plan', '--workload', rest, '--config-space', space, '--quiet', '--output', path('spread.json')]),
  ];
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0]);
  const candidates = (name: string) => (JSON.parse(read(name)) as ReportJson).all_candidates;
  expect(candidates('spread.json')).toHaveLength(1);
  expect(candidates('spread.json')[0]?.max_qps).toBe(candidates('whole.json')[0]?.max_qps);
});

test('a file in the way is replaced whole: links stay links, permissions stay, nothing else is left behind', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  chmodSync(write('old.json', 'old'), 0o600);
  symlinkSync(path('old.json'), path('link.json'));
  const { code } = await cli(['plan', '--request', request, '--quiet', '--output', path('link.json')]);
  expect(code).toBe(0);
  expect(read('old.json')).toContain('best_configuration');
  expect(lstatSync(path('link.json')).isSymbolicLink()).toBe(true);
  expect(statSync(path('old.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(path('')).sort()).toEqual(['link.json', 'old.json', 'request.yaml']);
});

test('an output that is no plain file stays what it is', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  const { code } = await cli(['plan', '--request', request, '--quiet', '--summary', '/dev/null']);
  expect([code, statSync('/dev/null').isCharacterDevice()]).toEqual([0, true]);
});

test('a reader of the report may go away early; the files are written all the same', async () => {
  const request = write('request.yaml', SMALL_REQUEST);
  const { child, finished } = startCli(['plan', '--request', request, '--output', path('plan.json')]);
  child.stdout?.destroy();
  const { code, stderr } = await finished;
  expect([code, stderr]).toEqual([0, `wrote ${path('plan.json')}\n`]);
  expect(read('plan.json')).toContain('best_configuration');
});
