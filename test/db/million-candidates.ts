import type { Sql } from 'postgres';

export const MILLION_WORKSPACE_ID = '00000000-0000-4000-8000-000000000001';
const OTHER_WORKSPACE_ID = '00000000-0000-4000-8000-000000000002';
const BOOK_ID = '00000000-0000-4000-8000-0000000000b0';

/** The id of the plan, or of its run, with this number from 1 to 1,000. */
export const planIdOf = (number: number): string => idOf('8002', number);
export const runIdOf = (number: number): string => idOf('8003', number);
const idOf = (kind: string, number: number) =>
  `00000000-0000-4000-${kind}-${number.toString(16).padStart(12, '0')}`;

/**
 * 1,000 plans with a run of 1,000 candidates each, one plan in ten of another workspace; load curves for fifty runs. Made by
 * the server, without checking foreign keys, and with the secondary indexes built at the end: some twenty seconds.
 */
export async function fillWithAMillion(sql: Sql): Promise<void> {
  const tx = await sql.reserve();
  try {
    await tx`SET session_replication_role = replica`;
    await tx`SET synchronous_commit = off`;
    await tx`SET maintenance_work_mem = '256MB'`;
    await tx.unsafe(KNOWN);
    await tx.unsafe(PLANS);
    const indexes = await tx<{ indexname: string; indexdef: string }[]>`
      SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'candidates' AND indexname <> 'candidates_pkey'`;
    for (const { indexname } of indexes) await tx`DROP INDEX ${tx(indexname)}`;
    await tx.unsafe(CANDIDATES);
    for (const { indexdef } of indexes) await tx.unsafe(indexdef);
    await tx.unsafe(PARTS);
    await tx`VACUUM (ANALYZE) candidates, load_points, frontier_points, plan_runs, plans, plan_requests`;
    await tx`RESET ALL`;
  } finally {
    tx.release();
  }
}

const id = (kind: string) => `('00000000-0000-4000-${kind}-' || lpad(to_hex(i), 12, '0'))::uuid`;

const KNOWN = `
  INSERT INTO workspaces (id, name) VALUES ('${MILLION_WORKSPACE_ID}', 'one'), ('${OTHER_WORKSPACE_ID}', 'two');
  INSERT INTO gpus SELECT g, g, 80000000000, 2e12, 3e14, NULL, 3e11, 8, '2026-11'
    FROM unnest('{a100-80gb,h100-sxm,l40s,t4}'::text[]) AS g;
  INSERT INTO models SELECT 'm' || i, 'hf/m' || i, 'GQA', 32, 4096, 32, 8, 128, 8192, 8e9, 8e9, 2, 16e9, 131072, 16e9, '2026-11'
    FROM generate_series(1, 4) AS i;
  INSERT INTO price_books (id, workspace_id, version, content_hash)
    VALUES ('${BOOK_ID}', '00000000-0000-0000-0000-000000000000', '2026-11', 'hash')`;

const PLANS = `
  INSERT INTO plan_requests (id, workspace_id, content_hash, model_id, document, request, assumptions)
    SELECT ${id('8001')}, CASE WHEN i % 10 = 0 THEN '${OTHER_WORKSPACE_ID}' ELSE '${MILLION_WORKSPACE_ID}' END::uuid,
      'h' || i, 'm' || 1 + i % 4, '{}', '{"constraints": {"targets": []}}', '{}' FROM generate_series(1, 1000) AS i;
  INSERT INTO plans (id, workspace_id, plan_request_id, model_id, name, launch_hash, created_at)
    SELECT ${id('8002')}, q.workspace_id, q.id, q.model_id, 'plan ' || i, 'l', '2026-01-01'::timestamptz + i * interval '1 hour'
    FROM generate_series(1, 1000) AS i JOIN plan_requests q ON q.id = ${id('8001')};
  INSERT INTO plan_runs (id, plan_id, workspace_id, model_id, number, status, engine_version, catalog_version, price_book_id,
      candidate_count, evaluated_count, finished_at, tied_config_ids, notes, warnings, best_config_id)
    SELECT ${id('8003')}, p.id, p.workspace_id, p.model_id, 1, 'completed', '0.1.0', '2026-11', '${BOOK_ID}', 1000, 1000,
      p.created_at + interval '1 minute', '{}', '{}', '{}', 5
    FROM generate_series(1, 1000) AS i JOIN plans p ON p.id = ${id('8002')}`;

/** Six in ten feasible, three infeasible, one that does not fit. Runs one after the other, as they are stored in life. */
const CANDIDATES = `
  INSERT INTO candidates
  SELECT r.id, c, r.workspace_id, (ARRAY['a100-80gb', 'h100-sxm', 'l40s'])[1 + c % 3], tp, 1, replicas, tp * replicas,
    (ARRAY['vllm', 'sarathi', 'orca'])[1 + (c / 16) % 3], (ARRAY[32, 64, 128, 256])[1 + (c / 48) % 4], ENGINE,
    CASE WHEN c % 10 < 6 THEN 'FEASIBLE' WHEN c % 10 < 9 THEN 'INFEASIBLE' ELSE 'DOES_NOT_FIT' END::candidate_status,
    CASE WHEN c % 10 >= 6 THEN 'TTFT p95 is 3,000 ms even at 0.1 requests/s; the limit is 2,000 ms' END,
    'measured', 'a100-80gb/llama-2-7b/tp1/vidur-fp16', qps, qps * 0.98, qps * 1.02,
    CASE WHEN c % 10 < 9 THEN 'ttft_p95' END, c % 10 < 6, cost, cost / qps / 3.6, cost / qps * 2, cost / qps * 3, qps / cost,
    'aws p4d.24xlarge on-demand 2026-11-01', latency * 0.5, latency * 0.9, latency, latency * 0.1, latency * 0.01, 0.4, 0.8,
    '[]', '{"mfu": 0.4}', '{}', '{}'
  FROM (SELECT * FROM plan_runs ORDER BY id) AS r
    -- Lateral in r, so that the runs are the outer loop.
    CROSS JOIN LATERAL generate_series(r.number, 1000) AS c
    CROSS JOIN LATERAL (SELECT 1 << c % 4 AS tp, 1 + c / 4 % 4 AS replicas) AS size
    CROSS JOIN LATERAL (SELECT tp * replicas * (2.5 + c % 3) AS cost,
      500 + (hashint4(c) & 4095)::float8 AS latency,
      CASE WHEN c % 10 < 6 THEN 1 + (hashint4(c * 7919 + hashtext(r.id::text)) & 65535)::float8 / 1000 END AS qps) AS found
`.replace(
  'ENGINE',
  `'{"routing": "round_robin", "watermark": 0.01, "blockTokens": 16, "chunkTokens": 512, "numGpuBlocks": null,
    "maxModelTokens": 4096, "maxBatchedTokens": 2048, "gpuMemoryUtilization": 0.9}'::jsonb`,
);

const PARTS = `
  INSERT INTO load_points
    SELECT r.id, c, p, 1 + p, true, NULL, false, s, s, s, s
    FROM (SELECT id FROM plan_runs ORDER BY id LIMIT 50) AS r, generate_series(1, 1000) AS c, generate_series(0, 4) AS p,
      (SELECT '{1,2,3,4,5,6}'::float8[] AS s) AS summary;
  INSERT INTO frontier_points SELECT r.id, f, 1 + f * 10 FROM plan_runs r, generate_series(0, 7) AS f`;
