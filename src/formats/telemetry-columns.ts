import { didYouMean, refuse, show, type Where } from './fault';
import type { TelemetryTable } from './telemetry-table';

/** What a column's numbers are multiplied by; `date`: seconds, or a date in any usual form. */
export type ColumnUnit = number | 'date';

type Names = Readonly<Record<string, ColumnUnit>>;

/** Unit of each name, in ms; a name without a unit is in seconds, as vLLM's own are. */
const timesOf = (names: readonly string[]): Names =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`${name}_ms`, 1],
      [`${name}_s`, 1e3],
      [`${name}_seconds`, 1e3],
      [name, 1e3],
    ]),
  );

const countsOf = (names: readonly string[]): Names => Object.fromEntries(names.map((name) => [name, 1]));

/** The names a request's columns may have. */
export const REQUEST_COLUMNS = {
  arrival: {
    arrived_at_s: 1,
    arrival_time_s: 1,
    arrival_s: 1,
    arrived_at_ms: 1e-3,
    arrival_time_ms: 1e-3,
    timestamp_ms: 1e-3,
    arrived_at: 'date',
    arrival_time: 'date',
    timestamp: 'date',
  },
  prompt: countsOf(['prompt_tokens', 'input_tokens', 'input_len', 'prompt_len', 'num_prompt_tokens']),
  output: countsOf(['output_tokens', 'output_len', 'completion_tokens', 'num_output_tokens']),
  cached: countsOf(['cached_prompt_tokens', 'cached_tokens', 'num_cached_tokens']),
  ttft: timesOf(['ttft', 'time_to_first_token']),
  tpot: timesOf(['tpot', 'itl', 'mean_itl', 'time_per_output_token', 'inter_token_latency']),
  e2e: timesOf(['e2e', 'e2el', 'e2e_latency', 'latency']),
  success: countsOf(['success']),
  failed: countsOf(['failed']),
  error: countsOf(['error']),
  id: countsOf(['request_id', 'id']),
  model: countsOf(['model', 'model_name']),
  gpu: countsOf(['gpu', 'gpu_type']),
  engine: countsOf(['engine', 'engine_version']),
  tensorParallel: countsOf(['tensor_parallel', 'tensor_parallel_size', 'tp']),
} as const satisfies Readonly<Record<string, Names>>;

/** The names an iteration's columns may have. */
export const ITERATION_COLUMNS = {
  type: countsOf(['type']),
  batch: countsOf(['batch_size', 'num_seqs']),
  prompt: countsOf(['prompt_tokens', 'new_tokens']),
  context: countsOf(['context_tokens', 'kv_tokens']),
  time: timesOf(['time', 'duration', 'step_time']),
  model: REQUEST_COLUMNS.model,
  gpu: REQUEST_COLUMNS.gpu,
  engine: REQUEST_COLUMNS.engine,
  tensorParallel: REQUEST_COLUMNS.tensorParallel,
} as const satisfies Readonly<Record<string, Names>>;

/** Accepted and not used: published telemetry and our own `requests.csv` can be read as they are. */
export const IGNORED_COLUMNS = [
  'hash_ids',
  'client_id',
  'session_id',
  'user_id',
  'scheduled_at_s',
  'first_token_at_s',
  'finished_at_s',
  'queue_time_ms',
  'preemptions',
  'finish_reason',
  'step',
] as const;

export interface FoundColumn {
  readonly name: string;
  readonly index: number;
  readonly unit: ColumnUnit;
}

/** Which column of a table has each meaning. Refuses unknown names, and two names of one meaning. */
export function findColumns<M extends string>(
  table: TelemetryTable,
  meanings: Readonly<Record<M, Names>>,
): ReadonlyMap<M, FoundColumn> {
  const known = new Map<string, { readonly meaning: M; readonly unit: ColumnUnit }>();
  for (const meaning of Object.keys(meanings) as M[]) {
    for (const [name, unit] of Object.entries(meanings[meaning])) known.set(name, { meaning, unit });
  }
  const ignored: readonly string[] = IGNORED_COLUMNS;
  const found = new Map<M, FoundColumn>();
  for (const [index, name] of table.names.entries()) {
    const column = known.get(name);
    if (column === undefined) {
      if (!ignored.includes(name)) refuseUnknown(name, [...known.keys(), ...ignored], table.header);
      continue;
    }
    const other = found.get(column.meaning);
    if (other !== undefined) {
      refuse(table.header, {
        found: `the columns ${other.name} and ${name}, which mean the same`,
        allowed: 'one of them',
      });
    }
    found.set(column.meaning, { name, index, unit: column.unit });
  }
  return found;
}

function refuseUnknown(name: string, known: readonly string[], where: Where): never {
  return refuse(where, {
    found: `the column ${show(name)}`,
    allowed: 'the columns listed in docs/formats.md under Telemetry',
    hint: didYouMean(name, known) ?? 'rename it to one of them, or leave it out',
  });
}

/** Refuses a table that lacks what cannot be done without. */
export function requireColumns<M extends string>(
  table: TelemetryTable,
  found: ReadonlyMap<M, FoundColumn>,
  needed: Readonly<Partial<Record<M, string>>>,
): void {
  for (const [meaning, name] of Object.entries(needed) as [M, string][]) {
    if (found.has(meaning)) continue;
    refuse(table.header, {
      found: `no column ${name}`,
      allowed: `a column ${name}, or one of its other names`,
    });
  }
}
