// Vidur's own runs, in our engine: what test/reference compares, as a table.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { medianOf, quantile, signed, table } from './figures.mjs';
import { root } from './product.mjs';

const require = createRequire(import.meta.url);
// The test's own code, so that both compare the same.
require('../typescript-hook.cjs');
const { readSummary, rerun, vidurRuns } = require(join(root, 'test', 'support', 'vidur-runs.ts'));

export function vidurTable() {
  const rows = vidurRuns.map((name) => ({
    name,
    summary: readSummary(name),
    rounded: compare(name),
    ours: compare(name, (fit) => fit),
  }));
  const made = table(
    ['run', 'e2e p50', 'e2e p99', 'TTFT p50', 'preemptions, Vidur', 'ours', 'e2e p50 without the rounding'],
    rows.map(({ name, summary, rounded, ours }) => [
      `\`${name}\``,
      ...['e2eP50', 'e2eP99', 'ttftP50'].map((key) => signed(rounded[key])),
      summary.restarts,
      rounded.preemptions,
      signed(ours.e2eP50),
    ]),
  );
  const median = signed(medianOf(rows.map(({ ours }) => ours.e2eP50)));
  return `${made}\n\nMedian of the last column: ${median}.`;
}

function compare(name, rounds) {
  const summary = readSummary(name);
  const { run, log } = rerun(name, rounds);
  const error = (ours, share, theirsS) => quantile([...ours], share) / (theirsS * 1e3) - 1;
  return {
    e2eP50: error(log.e2eMs, 0.5, summary.e2e_s.p50),
    e2eP99: error(log.e2eMs, 0.99, summary.e2e_s.p99),
    ttftP50: error(log.ttftMs, 0.5, summary.ttft_s.p50),
    preemptions: run.totals.preemptions,
  };
}
