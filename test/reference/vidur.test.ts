import { readSummary, rerun, vidurRuns } from '../support/vidur-runs';

/** Linear between ranks, as pandas reports quantiles. */
function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}

test('the eight runs are there', () => expect(vidurRuns).toHaveLength(8));

test.each(vidurRuns)('%s', (name) => {
  const summary = readSummary(name);
  const { run, log } = rerun(name);
  const error = (ours: ArrayLike<number>, theirs: number, q: number) =>
    Math.abs(quantile(ours, q) / (theirs * 1e3) - 1);
  expect(run.recorder.completed).toBe(summary.n_requests);
  expect(error(log.e2eMs, summary.e2e_s.p50, 0.5)).toBeLessThan(0.02);
  expect(error(log.e2eMs, summary.e2e_s.p99, 0.99)).toBeLessThan(0.04);
  expect(error(log.ttftMs, summary.ttft_s.p50, 0.5)).toBeLessThan(0.04);
  expect(Math.abs(run.totals.preemptions - summary.restarts)).toBeLessThanOrEqual(0.1 * summary.restarts);
});
