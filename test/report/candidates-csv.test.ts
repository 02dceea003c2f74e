import { parse } from 'csv-parse/sync';
import { candidatesCsv } from '../../src/core/report/candidates-csv';
import { CONTEXT, feasiblePlan, plan, rejected } from '../support/plan-fixture';

test('reads back with a CSV reader, one row a candidate', () => {
  const rows: Record<string, string>[] = parse(candidatesCsv(feasiblePlan(), CONTEXT), { columns: true });
  expect(rows.map((row) => row.status)).toEqual(feasiblePlan().candidates.map(({ status }) => status));
  expect(rows[1]).toMatchObject({
    config_id: '2',
    gpu_type: 'a100-80gb',
    total_gpus: '2',
    max_qps: '43.72',
    slack_tbt_p99: '0.2733',
  });
});

test.each(['=HYPERLINK("http://x")', '+1', '-2+3', '@SUM(A1)', '\t=1', ' =1'])(
  'a text like %j is not run by a spreadsheet',
  (reason) => {
    const csv = candidatesCsv(plan([rejected(1, 'FAILED', reason)]), CONTEXT);
    const [row] = parse(csv, { columns: true }) as Record<string, string>[];
    expect(row?.reason).toBe(`'${reason}`);
  },
);

test('quotes, commas and line breaks stay inside their cell; a negative number stays a number', () => {
  const reason = 'said "no", twice\r\nand left';
  const candidate = feasiblePlan().candidates[5];
  if (candidate === undefined) throw new Error('unreachable');
  const [row] = parse(candidatesCsv(plan([{ ...candidate, reason }]), CONTEXT), { columns: true }) as Record<
    string,
    string
  >[];
  expect(row?.reason).toBe(reason);
  expect(row?.slack_ttft_p95).toBe('-0.1562');
});

test('the hit rate of the prefix cache has a column where there is one', () => {
  expect(candidatesCsv(feasiblePlan(), CONTEXT)).not.toContain('prefix_cache');
  const [first, ...others] = feasiblePlan().candidates;
  const cached = { ...first!, metrics: { ...first!.metrics!, prefixCacheHitRate: 0.25 } };
  const rows: Record<string, string>[] = parse(candidatesCsv(plan([cached, ...others]), CONTEXT), {
    columns: true,
  });
  expect(rows.slice(0, 2).map((row) => row.prefix_cache_hit_rate)).toEqual(['0.25', '']);
});
