import { requestJson } from '../report/request-json';
import type { PlanRequest } from '../search/request';
import { fingerprint, workloadText } from './fingerprint';
import type { PlanInputs } from './snapshot';

export const INPUT_ASPECTS = [
  'engine',
  'catalog',
  'model',
  'workload',
  'targets',
  'budget',
  'objective',
  'space',
  'prices',
  'profile',
  'calibration',
  'overhead',
  'simulation',
] as const;
export type InputAspect = (typeof INPUT_ASPECTS)[number];

/** One input that is not the same in all plans. */
export interface InputDifference {
  readonly aspect: InputAspect;
  /** Key of a request file, e.g. `constraints.max_ttft_p95_ms`, or `profile a100-80gb tp1`, `price_book`, … */
  readonly path: string;
  /** One text a plan, in their order; `none` where a plan does not have it. */
  readonly values: readonly string[];
  /** Where it concerns the candidates of one GPU type or degree only. */
  readonly gpuId: string | null;
  readonly tensorParallel: number | null;
}

type Input = Omit<InputDifference, 'values'> & {
  readonly value: string;
  /** What tells it apart, where the text says more. */
  readonly identity?: string;
};

/** What differs, by aspect and path. */
export function inputDifferences(
  plans: readonly { readonly request: PlanRequest; readonly inputs: PlanInputs }[],
): InputDifference[] {
  const tables = plans.map(
    (plan) =>
      new Map(
        [...requestInputs(plan.request), ...runInputs(plan.inputs)].map((i): [string, Input] => [i.path, i]),
      ),
  );
  const found = new Map<string, InputDifference>();
  for (const table of tables) {
    for (const { aspect, path, gpuId, tensorParallel } of table.values()) {
      const inputs = tables.map((t) => t.get(path));
      if (new Set(inputs.map((i) => i?.identity ?? i?.value)).size === 1) continue;
      const values = inputs.map((i) => i?.value ?? 'none');
      found.set(path, { aspect, path, values, gpuId, tensorParallel });
    }
  }
  const rank = ({ aspect }: InputDifference) => INPUT_ASPECTS.indexOf(aspect);
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || compareText(a.path, b.path));
}

function runInputs({ engineVersion, priceBookVersion, catalogVersion, profiles, calibrations }: PlanInputs) {
  const everywhere = { gpuId: null, tensorParallel: null };
  return [
    { aspect: 'engine', path: 'engine_version', value: engineVersion, ...everywhere },
    { aspect: 'prices', path: 'price_book', value: priceBookVersion, ...everywhere },
    { aspect: 'catalog', path: 'catalog', value: catalogVersion, ...everywhere },
    ...profiles.map(({ gpuId, tensorParallel, profileId, contentHash, scaled }) => ({
      aspect: 'profile' as const,
      path: `profile ${gpuId} tp${tensorParallel}`,
      value: `${profileId} (${contentHash.slice(0, 12)}${scaled ? ', scaled' : ''})`,
      gpuId,
      tensorParallel,
    })),
    ...calibrations.map(({ gpuId, tensorParallel, id, version }) => ({
      aspect: 'calibration' as const,
      path: `calibration ${gpuId} tp${tensorParallel}`,
      value: `${id} version ${version}`,
      gpuId,
      tensorParallel,
    })),
  ] satisfies Input[];
}

function requestInputs(request: PlanRequest): Input[] {
  const { workload } = request;
  return flatten('', requestJson(request)).map(([path, value]) => {
    const input = {
      aspect: aspectOf(path),
      path,
      value,
      gpuId: path.startsWith(OWN_PRICE) ? path.slice(OWN_PRICE.length) : null,
      tensorParallel: null,
    };
    if (path !== 'workload.trace' || workload.lengths.kind !== 'trace') return input;
    const requests = workload.lengths.trace.promptTokens.length;
    const identity = fingerprint(workloadText(workload));
    return { ...input, value: `${value} (${requests} requests, ${identity.slice(0, 8)})`, identity };
  });
}

const OWN_PRICE = 'prices.usd_per_gpu_hour.';

const SECTIONS: readonly (readonly [string, InputAspect])[] = [
  ['model', 'model'],
  ['workload.', 'workload'],
  ['constraints.max_cost_per_hour', 'budget'],
  ['constraints.min_qps', 'budget'],
  ['constraints.', 'targets'],
  ['config_space.', 'space'],
  ['objective.', 'objective'],
  ['prices.', 'prices'],
  ['simulation.', 'simulation'],
  ['overhead.', 'overhead'],
];

function aspectOf(path: string): InputAspect {
  const section = SECTIONS.find(([prefix]) => path.startsWith(prefix));
  if (section === undefined) throw new Error(`no aspect is known for ${path} of a request`);
  return section[1];
}

/** Leaves of nested objects as [path, text]. The lists of a space are sets, so their order is left out. */
function flatten(path: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    const items = path.startsWith('config_space.') ? [...value].sort(compareValues) : value;
    return [[path, items.join(', ')]];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) =>
      flatten(path === '' ? key : `${path}.${key}`, inner),
    );
  }
  return [[path, String(value)]];
}

const compareValues = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));

/** Code-unit order: the same on every machine, unlike localeCompare. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
