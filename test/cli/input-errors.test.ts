import { cli, cliHere, SMALL_REQUEST, scratchFolder } from './support';

const { path, write } = scratchFolder();

const change = (from: string | RegExp, to: string): string => SMALL_REQUEST.replace(from, to);

// Each error says where, what was found, what is allowed and, where there is one, the nearest name.
const BROKEN: readonly (readonly [string, string, RegExp])[] = [
  [
    'an unknown key',
    change('arrival_rate_range', 'arrival_rate_rnge'),
    /workload\.arrival_rate_rnge: .*did you mean arrival_rate_range/,
  ],
  ['an unknown GPU', change('H100', 'H10'), /config_space\.gpu_types\[1\]: found "H10"; .*did you mean/],
  ['an unknown model', change('llama-7b', 'lama-7b'), /model: found "lama-7b"; .*did you mean llama/],
  ['an unknown scheduler', change('[vllm]', '[vlm]'), /config_space\.schedulers.*"vlm".*vllm/],
  [
    'a wrong type',
    change('[1, 40]', 'fast'),
    /workload\.arrival_rate_range: found "fast"; allowed: two rates/,
  ],
  ['a negative number', change('duration: 20', 'duration: -20'), /simulation\.duration: found -20/],
  ['an absurd number', change('duration: 20', 'duration: 1e30'), /simulation\.duration: found 1e\+30/],
  ['not a number', change('duration: 20', 'duration: .nan'), /simulation\.duration: found NaN/],
  ['an empty list', change('[A100, H100]', '[]'), /config_space\.gpu_types: found an empty list/],
  ['a duplicate', change('[A100, H100]', '[A100, a100-80gb]'), /gpu_types\[1\]: .*the same one/],
  ['broken YAML', change('[vllm]', '[vllm'), /request\.yaml: line \d+/],
  ['an empty file', '', /found an empty file/],
  [
    'a misplaced key',
    `${SMALL_REQUEST}\nmin_qps: 3\n`,
    /min_qps: found an unknown key; .*put it under constraints/,
  ],
];

test.each(BROKEN)('%s is refused in one line', async (_, text, message) => {
  const { code, stdout, stderr } = await cliHere(['plan', '--request', write('request.yaml', text)]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: [^\n]*request\.yaml[^\n]*: found [^\n]*; allowed: [^\n]*\n$/);
  expect(stderr).toMatch(message);
});

const withRequest = (...args: string[]) => [
  'plan',
  '--request',
  write('request.yaml', SMALL_REQUEST),
  ...args,
];

test.each<[string, () => string[], RegExp]>([
  [
    'a file that is not there',
    () => ['plan', '--request', path('none.yaml')],
    /none\.yaml: found no such file/,
  ],
  [
    'a profile that is not there',
    () => withRequest('--profile', 'a100-80gb/llama-2-7b/tp3'),
    /did you mean a100-80gb\/llama-2-7b/,
  ],
  [
    'another model',
    () => withRequest('--model', 'llama-13b'),
    /model: found "llama-7b"; allowed: llama-2-13b/,
  ],
  ['telemetry', () => withRequest('--telemetry', 'prod.json'), /prod\.json: /],
  [
    'an unknown form of output',
    () => withRequest('--output', path('plan.pdf')),
    /--output: found .*plan\.pdf".*\.json, \.txt/,
  ],
  ['an output that is a folder', () => withRequest('--summary', path('')), /--summary: found .*a directory/],
  [
    'an output through a file',
    () => withRequest('--csv', path('request.yaml/x.csv')),
    /--csv: found .*no directory/,
  ],
  [
    'an output written twice',
    () => withRequest('--output', path('a.csv'), '--csv', path('a.csv')),
    /--csv: .*that of --output too/,
  ],
  [
    'an output over an input',
    () => withRequest('--summary', path('request.yaml')),
    /--summary: .*an input too/,
  ],
  [
    'a key given twice',
    () => withRequest('--constraints', write('c.yaml', 'max_ttft_p95_ms: 5')),
    /max_ttft_p95_ms: .*request\.yaml gives too/,
  ],
])('%s is refused in one line', async (_, args, message) => {
  const { code, stdout, stderr } = await cliHere(args());
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: [^\n]*: found [^\n]*; allowed: [^\n]*\n$/);
  expect(stderr).toMatch(message);
});

test('the built command says the same, without a stack trace', async () => {
  const { code, stdout, stderr } = await cli(['plan', '--request', path('none.yaml')]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(`error: ${path('none.yaml')}: found no such file; allowed: a YAML or JSON file\n`);
});

test('a profile that contradicts physics is refused, unless it is accepted', async () => {
  const rows = [128, 256, 512, 1024].flatMap((tokens) => [
    { type: 'prefill', seq_len: tokens, batch_size: 1, mean_ms: 0.001 * tokens },
    { type: 'decode', kv_cache: tokens, new_tokens: 1, batch_size: 1, mean_ms: 8 + tokens / 1e4 },
  ]);
  write('fitted_profile.json', JSON.stringify(rows));
  write('metadata.json', '{"model_name": "llama-7b", "hardware": {"gpu": "A100"}}');
  const refused = await cli(withRequest('--profile', path('fitted_profile.json')));
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/profile lint: found .*\[flops-above-peak\].*--accept-profile-errors/),
  ]);
  const accepted = await cli(
    withRequest('--profile', path('fitted_profile.json'), '--accept-profile-errors'),
  );
  expect(accepted.code).toBe(0);
  expect(accepted.stdout.replace(/\s+/g, ' ')).toContain('are faster than a100-80gb can compute');
});
