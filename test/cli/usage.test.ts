import { cli, cliHere, ROOT, SMALL_REQUEST, scratchFolder } from './support';

const { write } = scratchFolder();

test.each([
  [['--help'], ['Usage: simfaasinfer', 'plan', 'simulate', 'profiles', 'catalog', 'Examples:', '130']],
  [
    ['plan', '--help'],
    [
      '--profile <ref>',
      '--workload <file>',
      '--constraints <file>',
      '--telemetry <file>',
      'Examples:',
      'Exit codes:',
    ],
  ],
  [
    ['simulate', '--help'],
    ['--deployment <file>', '--requests <file>', 'Examples:', 'Exit codes:'],
  ],
  [
    ['profiles', '--help'],
    ['list', 'show', 'lint', 'Examples:'],
  ],
  [
    ['profiles', 'list', '--help'],
    ['--model <name>', '--gpu <name>', 'Examples:'],
  ],
  [
    ['profiles', 'show', '--help'],
    ['<ref>', 'Examples:'],
  ],
  [
    ['profiles', 'lint', '--help'],
    ['<refs...>', 'Examples:', 'exit code 2'],
  ],
  [
    ['catalog', '--help'],
    ['gpus', 'models', 'prices', 'Examples:'],
  ],
])('%j explains itself', async (args, words) => {
  const { code, stdout, stderr } = await cliHere(args);
  expect([code, stderr]).toEqual([0, '']);
  for (const word of words) expect(stdout).toContain(word);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(120);
});

test('--version prints the version of the package', async () => {
  const { version } = jest.requireActual<{ version: string }>(`${ROOT}/package.json`);
  expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  [[], /Usage: simfaasinfer/],
  [['profiles'], /Usage: simfaasinfer profiles/],
  [['plna'], /unknown command 'plna'\n\(Did you mean plan\?\)\n\(see `simfaasinfer --help`\)/],
  [['plan'], /no request: give --request.*\n\(see `simfaasinfer plan --help`\)/],
  [['plan', '--worklod', 'x'], /unknown option '--worklod'\n\(Did you mean --workload\?\)/],
  [['plan', '--request'], /argument missing/],
  [['plan', '--request', 'x', '--threads', '0'], /whole number from 1/],
  [['plan', '--request', 'x', '--threads', 'two'], /whole number from 1/],
  [['plan', '--request', 'x', 'y'], /too many arguments/],
  [
    ['simulate'],
    /required option '--deployment <file>' not specified\n\(see `simfaasinfer simulate --help`\)/,
  ],
  [['profiles', 'show'], /missing required argument 'ref'\n\(see `simfaasinfer profiles show --help`\)/],
])('wrong usage %j: exit code 2 and where help is', async (args, message) => {
  const { code, stdout, stderr } = await cliHere(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

test('the built command exits with the same codes', async () => {
  const [help, none, wrong] = await Promise.all([cli(['--help']), cli([]), cli(['plan', '--worklod', 'x'])]);
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect([none.code, none.stdout]).toEqual([2, '']);
  expect(wrong).toEqual({
    code: 2,
    stdout: '',
    stderr:
      "error: unknown option '--worklod'\n(Did you mean --workload?)\n(see `simfaasinfer plan --help`)\n",
  });
});

test('a fault of ours is exit code 1, and asks for a report', async () => {
  const { code, stderr } = await cliHere(['plan', '--request', write('request.yaml', SMALL_REQUEST)]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: internal error, please report it: Error: nothing should be simulated/);
});
