import fc from 'fast-check';
import { InputError } from '../../src/core/errors';
import { parseDeployment } from '../../src/formats/read-deployment';
import { parseJson } from '../../src/formats/read-json';
import { parseProfile } from '../../src/formats/read-profile';
import { parsePlanRequest } from '../../src/formats/read-request';
import { parseTrace } from '../../src/formats/read-trace';
import { parseYaml } from '../../src/formats/read-yaml';
import { CATALOG, SPEC_YAML } from './support';

/** Whatever the input: it parses, or it is refused with an InputError. */
function settles(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).not.toMatch(/undefined|\[object/);
  }
}

const planYaml = (text: string) =>
  parsePlanRequest({
    catalog: CATALOG,
    model: 'llama-7b',
    documents: [{ source: 'plan.yaml', value: parseYaml('plan.yaml', text) }],
  });

const TRACE_TEXT = 'arrived_at_s,prompt_tokens,output_tokens\n0,374,44\n4.314579,396,109\n';
const PROFILE_TEXT = JSON.stringify([
  { type: 'prefill', seq_len: 512, batch_size: 8, mean_ms: 69.75, median_ms: 69.76, std_ms: 0.03 },
  { type: 'prefill', seq_len: 1024, batch_size: 8, mean_ms: 139 },
  { type: 'decode', kv_cache: 512, new_tokens: 1, batch_size: 8, mean_ms: 19.34 },
  { type: 'decode', kv_cache: 1024, new_tokens: 1, batch_size: 8, mean_ms: 20 },
]);
const METADATA_TEXT = JSON.stringify({ model_name: 'llama-7b', hardware: { gpu: 'A100' }, kind: 'measured' });
const DEPLOYMENT = {
  profile: 'p',
  deployment: { gpu_type: 'A100', tensor_parallel: 1, scheduler: 'vllm', max_batch_size: 4 },
  workload: {
    arrival: { process: 'gamma', cv: 2, rate: 3 },
    prompt_length: 3,
    output_length: { distribution: 'fixed', value: 3 },
  },
};

/** A text with a piece cut out and another put in. */
const editOf = (text: string) =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(40),
      fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom(
          '',
          '\n',
          ': ',
          '- ',
          '[',
          ']',
          '{',
          '}',
          '"',
          '&a ',
          '*a',
          '!!x ',
          '\t',
          '-',
          '.nan',
          'NaN',
          '1e999',
          'null',
          '__proto__',
          ',',
          '#',
          '|',
          '? ',
        ),
      ),
    )
    .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

/** A value with one node somewhere in it replaced, removed or renamed. */
const mutationOf = (root: unknown) =>
  fc
    .tuple(
      fc.infiniteStream(fc.nat(20)),
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }),
      fc.nat(2),
      fc.string(),
    )
    .map(([choices, value, action, name]) => {
      const copy = structuredClone(root);
      let node = copy as Record<string, unknown>;
      for (const choice of choices) {
        const keys = Object.keys(node);
        const key = keys[choice % keys.length];
        if (key === undefined) break;
        const child = node[key];
        if (typeof child === 'object' && child !== null && choice % 3 > 0) {
          node = child as Record<string, unknown>;
          continue;
        }
        if (action === 0) node[key] = value;
        else delete node[key];
        if (action === 2) node[name] = child;
        break;
      }
      return copy;
    });

const property = <T>(values: fc.Arbitrary<T>, run: (value: T) => unknown) =>
  fc.assert(
    fc.property(values, (value) => settles(() => run(value))),
    { numRuns: 500 },
  );

test('plan request: edited text', () => property(editOf(SPEC_YAML), planYaml));

test('plan request: truncated anywhere', () => {
  for (let length = 0; length < SPEC_YAML.length; length++)
    settles(() => planYaml(SPEC_YAML.slice(0, length)));
});

test('plan request: changed values', () =>
  property(mutationOf(parseYaml('spec', SPEC_YAML)), (value) =>
    parsePlanRequest({ catalog: CATALOG, model: 'llama-7b', documents: [{ source: 'api', value }] }),
  ));

test('plan request: any value at all', () =>
  property(fc.anything(), (value) =>
    parsePlanRequest({ catalog: CATALOG, model: 'llama-7b', documents: [{ source: 'api', value }] }),
  ));

test('any YAML text', () => property(fc.string({ unit: 'binary' }), (text) => parseYaml('x', text)));

test('very deep nesting', () => {
  settles(() => parseYaml('x', '['.repeat(5_000)));
  settles(() => parseJson('x', `${'['.repeat(100_000)}1${']'.repeat(100_000)}`));
});

test('a value that contains itself', () => settles(() => planYaml('workload: &w {prompt_length: *w}')));

test('deployment: changed values', () =>
  property(mutationOf(DEPLOYMENT), (value) => parseDeployment({ source: 'api', value, catalog: CATALOG })));

test('profile: edited text', () =>
  property(fc.tuple(editOf(PROFILE_TEXT), editOf(METADATA_TEXT)), ([fittedProfile, metadata]) =>
    parseProfile({ source: 'up', fittedProfile, metadata, modelMemory: null }, CATALOG),
  ));

test('trace: edited text', () =>
  property(editOf(TRACE_TEXT), (text) => parseTrace({ source: 't.csv', text })));
