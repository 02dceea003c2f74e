// The database of the benchmarks: a million candidates in a thousand plans, kept between runs in .data/bench.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { completed, exampleRequest, launch } from './api-client.mjs';
import { dist, root, startService } from './processes.mjs';

const PLANS = 1000;
/** So many plans get load curves and details too; the others what lists read. */
const WHOLE_PLANS = 20;

const folder = join(root, '.data', 'bench');

/** Starts it, made first where it is not there or is of another schema. `url` is that of the database. */
export async function openMillion(note) {
  const { startEmbeddedPostgres } = dist('adapters/db/embedded/embedded-postgres.js');
  const wanted = join(folder, madeFrom());
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (join(folder, name) !== wanted || !existsSync(join(wanted, 'filled')))
      removeDatabase(join(folder, name));
  }
  mkdirSync(wanted, { recursive: true });
  const database = await startEmbeddedPostgres({ folder: wanted, database: 'simfaasinfer' });
  if (!existsSync(join(wanted, 'filled'))) {
    note(`filling ${wanted} (a minute or two; kept for the next time)`);
    await fill(database.url, note);
    writeFileSync(join(wanted, 'filled'), '');
  }
  return { ...database, folder: wanted };
}

/** As root the data may be elsewhere, behind a link. */
export function removeDatabase(path) {
  const data = join(path, 'data');
  if (existsSync(data)) rmSync(realpathSync(data), { recursive: true, force: true });
  rmSync(path, { recursive: true, force: true });
}

function madeFrom() {
  const migrations = join(root, 'prisma', 'migrations');
  const files = readdirSync(migrations, { recursive: true })
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => join(migrations, name));
  const hash = createHash('sha256');
  for (const file of [...files, fileURLToPath(import.meta.url)]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** One plan is really made; the others are its copies with other figures. */
async function fill(url, note) {
  const server = await startService('serve', { env: { DATABASE_URL: url, PORT: '0' } });
  try {
    const { runId } = await launch(server.url, { yaml: exampleRequest(), name: 'bench' });
    await completed(server.url, runId);
    note(`one plan of 1,008 candidates is evaluated; copying it ${PLANS - 1} times`);
  } finally {
    await server.stop();
  }
  const postgres = (await import('postgres')).default;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await copyPlan(sql);
    await sql.unsafe('VACUUM (ANALYZE)');
    await sql.unsafe('CHECKPOINT');
  } finally {
    await sql.end();
  }
}

async function copyPlan(sql) {
  await sql.begin(async (tx) => {
    // No triggers and no look-ups of foreign keys: what is copied has passed them.
    await tx`SET LOCAL session_replication_role = replica`;
    const indexes = await tx`
      SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'candidates' AND indexname <> 'candidates_pkey'`;
    for (const { name } of indexes) await tx`DROP INDEX ${tx(name)}`;
    await tx`SELECT setseed(0.42)`;
    await tx`
      CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
      SELECT n, gen_random_uuid() AS plan_id, gen_random_uuid() AS run_id, 0.7 + 0.6 * random() AS speed, 0.8 + 0.4 * random() AS price
      FROM generate_series(1, ${PLANS - 1}::int) AS n`;
    await insertChanged(tx, 'plans', {
      id: 'c.plan_id',
      name: `'plan ' || c.n`,
      idempotency_key: 'NULL',
      created_at: `t.created_at - c.n * interval '17 min'`,
    });
    await insertChanged(tx, 'plan_runs', {
      id: 'c.run_id',
      plan_id: 'c.plan_id',
      created_at: `t.created_at - c.n * interval '17 min'`,
      started_at: `t.started_at - c.n * interval '17 min'`,
      finished_at: `t.finished_at - c.n * interval '17 min'`,
    });
    const whole = (column) => `CASE WHEN c.n < ${WHOLE_PLANS} THEN t.${column} END`;
    const times = (column, factor) => `t.${column} * ${factor}`;
    await insertChanged(tx, 'candidates', {
      run_id: 'c.run_id',
      max_qps: times('max_qps', 'c.speed'),
      max_qps_low: times('max_qps_low', 'c.speed'),
      max_qps_high: times('max_qps_high', 'c.speed'),
      cost_per_hour_usd: times('cost_per_hour_usd', 'c.price'),
      cost_per_1k_requests_usd: times('cost_per_1k_requests_usd', 'c.price / c.speed'),
      qps_per_dollar: times('qps_per_dollar', 'c.speed / c.price'),
      targets: `CASE WHEN c.n < ${WHOLE_PLANS} THEN t.targets ELSE '[]' END`,
      metrics: whole('metrics'),
      memory: whole('memory'),
      overhead: whole('overhead'),
    });
    await insertChanged(tx, 'frontier_points', { run_id: 'c.run_id' });
    await insertChanged(tx, 'plan_run_profiles', { run_id: 'c.run_id' });
    await insertChanged(tx, 'load_points', { run_id: 'c.run_id' }, `c.n < ${WHOLE_PLANS}`);
    for (const { definition } of indexes) await tx.unsafe(definition);
  });
}

/** Every row of the one plan that is there, once for each copy, with the columns in `changed` changed. */
async function insertChanged(tx, table, changed, condition = 'true') {
  const columns = await tx`
    SELECT column_name AS name FROM information_schema.columns WHERE table_name = ${table} AND table_schema = 'public' AND is_generated = 'NEVER' ORDER BY ordinal_position`;
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => changed[name] ?? `t.${name}`);
  await tx.unsafe(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM copies c, ${table} t WHERE ${condition} ORDER BY c.n`,
  );
}
