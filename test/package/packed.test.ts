import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, start } from '../cli/support';

// What npm would publish, unpacked into an empty project that has its declared dependencies and nothing else.

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let project = '';
let packed: Packed;
const installed = (...path: string[]) => join(project, 'node_modules/simfaasinfer', ...path);

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'simfaasinfer-package-'));
  // dist/ is there already; npm's own build would pull it from under the other tests.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  [packed] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as [Packed];
  mkdirSync(installed(), { recursive: true });
  execFileSync('tar', ['-xzf', join(project, packed.filename), '-C', installed(), '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as {
    dependencies: object;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test('it holds what a user needs and nothing of the workshop', () => {
  const paths = packed.files.map(({ path }) => path);
  for (const path of [
    'dist/cli.js',
    'dist/index.d.ts',
    'data/profiles/index.json',
    'LICENSE',
    'NOTICE',
    'README.md',
  ])
    expect(paths).toContain(path);
  expect(paths.filter((path) => /^(src|test|bench|scripts|node_modules)\//.test(path))).toEqual([]);
  expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
});

test('its command plans a shipped example', async () => {
  const request = installed('examples/llama-3.1-8b-chat.yaml');
  const args = ['plan', '--request', request, '--output', 'results/plan.json'];
  const { code, stdout } = await start(process.execPath, [installed('dist/cli.js'), ...args], project)
    .finished;
  expect(code).toBe(0);
  expect(stdout).toContain('RECOMMENDED CONFIGURATION');
  const report = JSON.parse(readFileSync(join(project, 'results/plan.json'), 'utf8')) as object;
  expect(report).toMatchObject({ outcome: 'recommended', partial: false });
}, 60_000);

test.each([
  ['import', "import { runCapacityPlanning, CapacityPlanner, InputError } from 'simfaasinfer';", 'module'],
  [
    'require',
    "const { runCapacityPlanning, CapacityPlanner, InputError } = require('simfaasinfer');",
    'commonjs',
  ],
])('its library works with %s', async (_, line, kind) => {
  const code = `${line} console.log([runCapacityPlanning, CapacityPlanner, InputError].map((f) => typeof f).join());`;
  const { stdout, stderr } = await start(process.execPath, [`--input-type=${kind}`, '-e', code], project)
    .finished;
  expect([stdout, stderr]).toEqual(['function,function,function\n', '']);
});
