// Fifty clients that ask without end, or at a steady pace, each time with other variables.
import autocannon from 'autocannon';
import { cpuSecondsOf, residentMiBOf } from './processes.mjs';

const CLIENTS = 50;
const PAGES_DEEP = 20;
const FILTERS = [
  {},
  ...['vllm', 'orca', 'sarathi'].map((scheduler) => ({ scheduler })),
  ...[32, 64, 128, 256].map((maxBatchSize) => ({ maxBatchSize })),
];

export async function post(endpoint, query, variables) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors !== undefined) throw new Error(`${endpoint}: ${JSON.stringify(answer.errors[0])}`);
  return answer;
}

/**
 * Everything the two queries may be asked: pages as deep as people turn them, of every filter. Cursors are those of the
 * contender, found by turning its pages. The rows of each page go along, for comparing contenders.
 */
export async function pagesOf(contender, endpoint, workspace) {
  const candidates = [];
  for (const filter of FILTERS) {
    let after = null;
    for (let depth = 0; depth < PAGES_DEEP; depth++) {
      const variables = contender.candidatesVariables({ filter, after, workspace });
      const answer = await post(endpoint, contender.candidates, variables);
      candidates.push({ variables, rows: contender.candidatesOf(answer) });
      after = contender.candidatesEnd(answer);
    }
  }
  const plans = [];
  for (let after = null, more = true; more; ) {
    const variables = contender.plansVariables({ workspace, after });
    const answer = await post(endpoint, contender.plans, variables);
    const rows = contender.plansOf(answer);
    more = rows.length === 20;
    if (more) plans.push({ variables, rows });
    after = contender.plansEnd(answer);
  }
  return { candidates, plans };
}

/** `requestsPerS` null: each client asks again as soon as it is answered. */
export async function measure({ endpoint, query, pages, pid, databasePids, seconds, requestsPerS = null }) {
  const bodies = pages.map(({ variables }) => JSON.stringify({ query, variables }));
  const cpu = () => [cpuSecondsOf(pid), databasePids().reduce((sum, one) => sum + cpuOrNone(one), 0)];
  const before = cpu();
  const result = await autocannon({
    url: endpoint,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    connections: CLIENTS,
    duration: seconds,
    ...(requestsPerS === null ? {} : { overallRate: requestsPerS }),
    // Bodies are made before: the clients' work is not what is measured.
    requests: [
      {
        setupRequest: (request) => ({ ...request, body: bodies[Math.floor(Math.random() * bodies.length)] }),
      },
    ],
  });
  const after = cpu();
  const bad = result.non2xx + result.errors + result.timeouts;
  if (bad > 0) throw new Error(`${bad} requests to ${endpoint} were not answered well`);
  const { p50, p90, p99 } = result.latency;
  const answered = result['2xx'];
  return {
    p50,
    p90,
    p99,
    requestsPerS: answered / result.duration,
    serverMs: ((after[0] - before[0]) / answered) * 1000,
    databaseMs: ((after[1] - before[1]) / answered) * 1000,
    residentMiB: residentMiBOf(pid),
    kibEach: result.throughput.total / answered / 1024,
  };
}

/** Connections come and go. */
function cpuOrNone(pid) {
  try {
    return cpuSecondsOf(pid);
  } catch {
    return 0;
  }
}
