import type { LintFinding } from '../../core/profile/lint-finding';
import type { Profile } from '../../core/profile/profile';
import { formatGb, formatNumber } from '../../core/report/format-number';
import { renderTable } from './table';

/** A profile as `profiles show` prints it. */
export function profileText(profile: Profile, findings: readonly LintFinding[]): string {
  const facts: readonly [string, string][] = [
    ['Profile', profile.id],
    ['Model', profile.modelId],
    ['GPU', `${profile.gpuId}, tensor-parallel ${profile.tensorParallel}`],
    [
      'Kind',
      profile.kind === 'measured' ? 'measured at the engine' : 'composed of kernel times: no CPU work inside',
    ],
    ['Engine', profile.engine ?? 'not said'],
    ['Dtype', profile.dtype ?? 'not said'],
    ['Date', profile.date ?? 'not said'],
    ['Prefill', `${profile.prefill.length} rows: ${rangeText(coverageOf(profile).prefill)}`],
    ['Decode', `${profile.decode.length} rows: ${rangeText(coverageOf(profile).decode)}`],
    ['Memory', memoryText(profile)],
  ];
  return [
    facts.map(([label, value]) => `${`${label}:`.padEnd(10)}${value}\n`).join(''),
    section('Decode, ms per step, context length by batch size', timesTable(decodeTimes(profile))),
    section('Prefill, ms, prompt length by batch size', timesTable(prefillTimes(profile))),
    ...profile.notes.map((note) => `Note: ${note}\n`),
    `\n${lintText('Lint', findings)}`,
  ].join('');
}

/** Findings, worst first, each with what to do. */
export function lintText(title: string, findings: readonly LintFinding[]): string {
  if (findings.length === 0) return `${title}: no findings\n`;
  const lines = findings.flatMap(({ severity, code, message, fix }) => [
    `  ${severity} [${code}] ${message}`,
    `    fix: ${fix}`,
  ]);
  return `${title}: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}\n${lines.join('\n')}\n`;
}

/** The same for scripts. */
export function profileJson(profile: Profile, findings: readonly LintFinding[]) {
  const { prefill, decode } = coverageOf(profile);
  return {
    id: profile.id,
    origin: profile.origin,
    model: profile.modelId,
    gpu: profile.gpuId,
    tensor_parallel: profile.tensorParallel,
    kind: profile.kind,
    engine: profile.engine,
    dtype: profile.dtype,
    date: profile.date,
    coverage: {
      prefill: { rows: profile.prefill.length, prompt_tokens: prefill.lengths, batch_sizes: prefill.batches },
      decode: { rows: profile.decode.length, context_tokens: decode.lengths, batch_sizes: decode.batches },
    },
    memory: {
      params_total: profile.memory.paramsTotal ?? null,
      total_weight_bytes: profile.memory.totalWeightBytes ?? null,
      activation_bytes: profile.memory.activationBytes ?? null,
      kv_bytes_per_token: profile.memory.kvBytesPerToken ?? null,
      num_gpu_blocks: profile.memory.numGpuBlocks ?? null,
    },
    notes: profile.notes,
    lint: findings,
  };
}

interface Axes {
  /** Smallest and largest; null without rows. */
  readonly lengths: readonly [number, number] | null;
  readonly batches: readonly [number, number] | null;
}

/** One measured time, whichever the phase. */
interface Time {
  readonly length: number;
  readonly batch: number;
  readonly ms: number;
}

const prefillTimes = ({ prefill }: Profile): Time[] =>
  prefill.map((row) => ({ length: row.promptTokens, batch: row.batchSize, ms: row.meanMs }));
const decodeTimes = ({ decode }: Profile): Time[] =>
  decode.map((row) => ({ length: row.contextTokens, batch: row.batchSize, ms: row.meanMs }));

function coverageOf(profile: Profile): { prefill: Axes; decode: Axes } {
  const axes = (times: readonly Time[]): Axes => ({
    lengths: rangeOf(times.map(({ length }) => length)),
    batches: rangeOf(times.map(({ batch }) => batch)),
  });
  return { prefill: axes(prefillTimes(profile)), decode: axes(decodeTimes(profile)) };
}

function rangeOf(values: readonly number[]): readonly [number, number] | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [least] = sorted;
  return least === undefined ? null : [least, sorted.at(-1)!];
}

function rangeText({ lengths, batches }: Axes): string {
  if (lengths === null || batches === null) return 'nothing';
  return `${lengths[0]} to ${lengths[1]} tokens, batch sizes ${batches[0]} to ${batches[1]}`;
}

function memoryText({ memory }: Profile): string {
  const parts = [
    memory.paramsTotal === undefined ? null : `${formatNumber(memory.paramsTotal / 1e9)} billion parameters`,
    memory.totalWeightBytes === undefined ? null : `${formatGb(memory.totalWeightBytes)} of weights`,
    memory.activationBytes === undefined ? null : `${formatGb(memory.activationBytes)} of activations`,
    memory.kvBytesPerToken === undefined ? null : `${memory.kvBytesPerToken} KV bytes per token`,
    memory.numGpuBlocks === undefined ? null : `${memory.numGpuBlocks} KV blocks`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'not said: computed from the architecture' : parts.join(', ');
}

const section = (title: string, table: string): string => (table === '' ? '' : `\n${title}:\n${table}`);

const MOST_LINES = 8;

/** Lengths down, batch sizes across; of long axes some, the ends always. */
function timesTable(times: readonly Time[]): string {
  if (times.length === 0) return '';
  const lengths = some(times.map(({ length }) => length));
  const batches = some(times.map(({ batch }) => batch));
  const ms = new Map(times.map((time) => [`${time.length} ${time.batch}`, time.ms]));
  return renderTable(lengths, [
    { head: 'tokens', value: (length) => length },
    ...batches.map((batch) => ({
      head: `batch ${batch}`,
      value: (length: number) => {
        const time = ms.get(`${length} ${batch}`);
        return time === undefined ? null : Number(time.toPrecision(4));
      },
    })),
  ]);
}

function some(values: readonly number[]): number[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length <= MOST_LINES) return distinct;
  const step = (distinct.length - 1) / (MOST_LINES - 1);
  return Array.from({ length: MOST_LINES }, (_, i) => distinct[Math.round(i * step)]!);
}
