// Whether two runs found the same: every column of every row but ids and times.

const ROWS = {
  candidates: "SELECT to_jsonb(t) - 'run_id' AS row FROM candidates t WHERE run_id = $1",
  load_points: "SELECT to_jsonb(t) - 'run_id' AS row FROM load_points t WHERE run_id = $1",
  frontier_points: "SELECT to_jsonb(t) - 'run_id' AS row FROM frontier_points t WHERE run_id = $1",
  plan_run_profiles: "SELECT to_jsonb(t) - 'run_id' AS row FROM plan_run_profiles t WHERE run_id = $1",
  // The choices and the counts. Of the tasks only how many there were: all of them have to be done.
  plan_runs: `SELECT to_jsonb(t) - '{id,plan_id,number,simulation_s,created_at,started_at,finished_at,deadline_at}'::text[] AS row
    FROM plan_runs t WHERE id = $1`,
};

/** Rows that only one of two runs has, by table: all 0 when they found the same. */
export async function differences(sql, runId, otherId) {
  const counts = {};
  for (const [table, rows] of Object.entries(ROWS)) {
    const other = rows.replaceAll('$1', '$2');
    const [{ n }] = await sql.unsafe(
      `SELECT (SELECT count(*) FROM (${rows} EXCEPT ALL ${other}) a)::int + (SELECT count(*) FROM (${other} EXCEPT ALL ${rows}) b)::int AS n`,
      [runId, otherId],
    );
    counts[table] = n;
  }
  return counts;
}

/** How many rows each table has of a run. */
export async function rowsOf(sql, runId) {
  const counts = {};
  for (const [table, rows] of Object.entries(ROWS)) {
    const [{ n }] = await sql.unsafe(`SELECT count(*)::int AS n FROM (${rows}) t`, [runId]);
    counts[table] = n;
  }
  return counts;
}
