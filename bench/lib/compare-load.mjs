// Fifty clients on a server that has one core, this one and PostGraphile by turns; clients and database have the other cores.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { connectTo } from './databases.mjs';
import { measure, pagesOf } from './load.mjs';
import { startPostgraphile } from './postgraphile.mjs';
import { median, moveToCores, startService } from './processes.mjs';
import { own, postgraphile } from './queries.mjs';

const SECONDS = 6;
const ROUNDS = 3;
/** Of all clients together: each asks twice a second, as people do who page through plans. */
const PACED_REQUESTS_PER_S = 100;
/** As `npm start`; the other gets it too, though it gains less. */
const NODE_OPTIONS = ['--max-semi-space-size=64'];
const SERVER_CORE = '0';
const OTHER_CORES = availableParallelism() > 2 ? `1-${availableParallelism() - 1}` : '1';

export async function measureLoad({ database, note, report }) {
  const sql = connectTo(database.url);
  const [{ workspaceId, candidates }] = await sql`
    SELECT (SELECT workspace_id FROM plans LIMIT 1) AS "workspaceId", (SELECT count(*)::int FROM candidates) AS candidates`;
  const postmaster = await postmasterOf(sql);
  await sql.end();
  const contenders = [];
  const restore = [process.pid, postmaster].map((pid) => moveToCores(pid, OTHER_CORES));
  try {
    contenders.push(await startOwn(database.url), await startOther(database.url, note));
    note('turning all pages of both, and comparing them');
    for (const contender of contenders)
      contender.pages = await pagesOf(contender.asks, contender.endpoint, workspaceId);
    refuseDifferent(contenders);
    report(
      `${candidates.toLocaleString('en')} candidates; 50 clients, the server on one core, every answer compared`,
    );
    for (const query of ['candidates', 'plans']) {
      note(`${query}: ${ROUNDS} rounds`);
      await compare(query, contenders, { database: () => childrenOf(postmaster), report });
    }
  } finally {
    for (const { server } of contenders) await server.stop();
    for (const back of restore) back();
  }
}

async function startOwn(databaseUrl) {
  const env = {
    DATABASE_URL: databaseUrl,
    PORT: '0',
    NODE_ENV: 'production',
    SIMFAASINFER_WORKER_IN_SERVER: 'off',
    SIMFAASINFER_REQUESTS_PER_MINUTE: '10000000',
  };
  const server = await startService('serve', { env, core: SERVER_CORE, nodeOptions: NODE_OPTIONS });
  return { server, asks: own, endpoint: `${server.url}/graphql` };
}

async function startOther(databaseUrl, note) {
  const server = await startPostgraphile(databaseUrl, {
    core: SERVER_CORE,
    nodeOptions: NODE_OPTIONS,
    note,
  });
  return { server, asks: postgraphile, endpoint: server.endpoint };
}

/** Who answers other rows answers another question. */
function refuseDifferent([ours, theirs]) {
  for (const query of ['candidates', 'plans']) {
    const rows = ({ pages }) => JSON.stringify(pages[query].map((page) => page.rows));
    if (rows(ours) !== rows(theirs)) throw new Error(`the ${query} of the two differ`);
  }
}

async function compare(query, contenders, { database, report }) {
  const once = ({ asks, endpoint, pages, server }, seconds, requestsPerS = null) =>
    measure({
      endpoint,
      query: asks[query],
      pages: pages[query],
      pid: server.pid,
      databasePids: database,
      seconds,
      requestsPerS,
    });
  const rounds = contenders.map(() => []);
  for (const contender of contenders) await once(contender, 3);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, contender] of contenders.entries()) rounds[i].push(await once(contender, SECONDS));
  for (const [i, { asks }] of contenders.entries()) report(describe(`${query}, ${asks.name}`, rounds[i]));
  const ratios = rounds[0].map(({ requestsPerS }, round) => requestsPerS / rounds[1][round].requestsPerS);
  report(
    `  ${own.name} : ${postgraphile.name} in requests/s ${median(ratios).toFixed(2)} (${ratios.map((r) => r.toFixed(2)).join(', ')})`,
  );
  for (const contender of contenders) {
    const paced = await once(contender, SECONDS, PACED_REQUESTS_PER_S);
    report(
      `  ${contender.asks.name} at ${PACED_REQUESTS_PER_S} requests/s: p50 ${paced.p50} ms, p90 ${paced.p90} ms, p99 ${paced.p99} ms`,
    );
  }
}

function describe(name, rounds) {
  const of = (key, digits = 0) => median(rounds.map((round) => round[key])).toFixed(digits);
  return (
    `${name}, asking without pause: ${of('requestsPerS')} requests/s of ${of('kibEach')} KiB, p50 ${of('p50')} ms, p99 ${of('p99')} ms, ` +
    `${of('serverMs', 2)} ms server CPU and ${of('databaseMs', 2)} ms database CPU each, ${of('residentMiB')} MiB resident`
  );
}

async function postmasterOf(sql) {
  const [{ pid }] = await sql`SELECT pg_backend_pid() AS pid`;
  return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
