import { bindingKeyOf, bindingOf } from '../../app/stored-candidate';
import type { Target } from '../../core/search/request';
import type { CandidateResult, LatencySummary, LoadPoint } from '../../core/search/result';

/** Mean, p50, p90, p95, p99, max, ms. */
type StoredSummary = readonly number[];

export interface LoadPointRow {
  readonly run_id: string;
  readonly config_id: number;
  readonly position: number;
  readonly rate_qps: number;
  readonly passed: boolean;
  readonly failed_on: string | null;
  readonly stopped_early: boolean;
  readonly ttft_ms: StoredSummary;
  readonly tbt_ms: StoredSummary;
  readonly tpot_ms: StoredSummary;
  readonly e2e_ms: StoredSummary;
}

export const loadPointColumns = [
  'run_id',
  'config_id',
  'position',
  'rate_qps',
  'passed',
  'failed_on',
  'stopped_early',
  'ttft_ms',
  'tbt_ms',
  'tpot_ms',
  'e2e_ms',
] as const satisfies readonly (keyof LoadPointRow)[];

/** The load curve of a candidate, point by point, by rate. */
export const toLoadPointRows = (result: CandidateResult, runId: string): LoadPointRow[] =>
  result.loadCurve.map((point, position) => ({
    run_id: runId,
    config_id: result.configId,
    position,
    rate_qps: point.rateQps,
    passed: point.verdict === 'pass',
    failed_on: bindingKeyOf(point.failedOn),
    stopped_early: point.stoppedEarly,
    ttft_ms: toStoredSummary(point.ttftMs),
    tbt_ms: toStoredSummary(point.tbtMs),
    tpot_ms: toStoredSummary(point.tpotMs),
    e2e_ms: toStoredSummary(point.e2eMs),
  }));

/** `targets`: those of the run's request, one of which `failed_on` names. */
export const fromLoadPointRow = (row: LoadPointRow, targets: readonly Target[]): LoadPoint => ({
  rateQps: row.rate_qps,
  verdict: row.passed ? 'pass' : 'fail',
  failedOn: bindingOf(row.failed_on, targets),
  stoppedEarly: row.stopped_early,
  ttftMs: fromStoredSummary(row.ttft_ms),
  tbtMs: fromStoredSummary(row.tbt_ms),
  tpotMs: fromStoredSummary(row.tpot_ms),
  e2eMs: fromStoredSummary(row.e2e_ms),
});

const toStoredSummary = ({ mean, p50, p90, p95, p99, max }: LatencySummary): StoredSummary => [
  mean,
  p50,
  p90,
  p95,
  p99,
  max,
];

// The table checks that there are six.
const fromStoredSummary = ([mean, p50, p90, p95, p99, max]: StoredSummary): LatencySummary => ({
  mean: mean!,
  p50: p50!,
  p90: p90!,
  p95: p95!,
  p99: p99!,
  max: max!,
});
