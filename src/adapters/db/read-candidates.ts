import type { Cursor, PageRequest } from '../../app/ports/paging';
import type { CandidateFilter, CandidateOrder, CandidateScope, ReadStore } from '../../app/ports/read-store';
import type { CandidateKey, FrontierRecord } from '../../app/ports/records';
import { InputError } from '../../core/errors';
import type { Target } from '../../core/search/request';
import { Bindings, type RunStatement } from './bindings';
import { candidateConditions, filterConditions } from './candidate-filter';
import {
  type CandidateDetailRow,
  type CandidateRow,
  candidateDetailColumns,
  candidateSelectList,
  fromCandidateDetailRow,
  fromCandidateRow,
} from './candidate-rows';
import { groupedBy, inOrderOf, selectList } from './columns';
import { cursorNumber, pageOf, readCursor } from './cursor';
import { fromLoadPointRow, type LoadPointRow, loadPointColumns } from './load-point-rows';
import { readJson } from './stored-json';

type CandidateReads = Pick<
  ReadStore,
  | 'candidates'
  | 'candidatesOfRuns'
  | 'countCandidates'
  | 'candidatesByKey'
  | 'candidateDetails'
  | 'loadCurves'
  | 'frontiers'
>;

export function createCandidateReads(run: RunStatement): CandidateReads {
  return {
    async candidates(scope, filter, order, page) {
      refuseUnindexed(scope, order);
      const value = WHOLE_NUMBERS.includes(order.field) ? 'integer' : 'number or null';
      const after = page.after === null ? null : readCursor(page.after, [value, 'uuid', 'integer']);
      const rows: CandidateRow[] = [];
      // A page that ends among the rows with a value, as most do, is one statement.
      for (const part of after?.[0] === null ? (['without'] as const) : (['with', 'without'] as const)) {
        if (rows.length > page.first || (part === 'without' && WHOLE_NUMBERS.includes(order.field))) break;
        const from = after !== null && (after[0] === null) === (part === 'without') ? after : null;
        const stretch = { part, after: from, wanted: page.first + 1 };
        const { text, values } = pageStatement(scope, filter, order, stretch);
        rows.push(...(await run<CandidateRow>(text, values)));
      }
      return pageOf(rows, page, { node: fromCandidateRow, cursor: cursorIn(order) });
    },

    async candidatesOfRuns(runIds, filter, order, first) {
      const { text, values } = firstPagesStatement(runIds, filter, order, first + 1);
      const rows = await run<CandidateRow>(text, values);
      const ofRuns = groupedBy(runIds, rows, {
        key: (runId) => runId.toLowerCase(),
        row: (row) => row.run_id,
        node: (row) => row,
      });
      return ofRuns.map((found) =>
        pageOf(found, { first, after: null }, { node: fromCandidateRow, cursor: cursorIn(order) }),
      );
    },

    async countCandidates(scope, filter) {
      const bindings = new Bindings();
      const conditions = candidateConditions(scope, filter, bindings);
      const [row] = await run<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM candidates c WHERE ${conditions.join(' AND ')}`,
        bindings.values,
      );
      return row?.count ?? 0;
    },

    async candidatesByKey(keys) {
      const rows = await run<CandidateRow>(BY_KEY, keyArrays(keys));
      return inOrderOf(keys, rows, { ...BY_CANDIDATE, node: fromCandidateRow });
    },

    async candidateDetails(keys) {
      const rows = await run<CandidateDetailRow & KeyRow>(DETAILS_BY_KEY, keyArrays(keys));
      return inOrderOf(keys, rows, { ...BY_CANDIDATE, node: fromCandidateDetailRow });
    },

    async loadCurves(keys) {
      const runIds = [...new Set(keys.map((key) => key.runId))];
      const [points, requests] = await Promise.all([
        run<LoadPointRow>(LOAD_POINTS_BY_KEY, keyArrays(keys)),
        run<{ id: string; targets: unknown }>(TARGETS_BY_RUN, [runIds]),
      ]);
      const targets = new Map(requests.map((row) => [row.id, readJson<readonly Target[]>(row.targets)]));
      return groupedBy(keys, points, {
        ...BY_CANDIDATE,
        node: (row) => fromLoadPointRow(row, targets.get(row.run_id) ?? []),
      });
    },

    async frontiers(runIds) {
      const rows = await run<FrontierRow>(FRONTIERS, [runIds]);
      const frontiers = inOrderOf(runIds, rows, {
        key: (runId) => runId.toLowerCase(),
        row: (row) => row.run_id,
        node: fromFrontierRow,
      });
      return frontiers.map((frontier) => frontier ?? []);
    },
  };
}

const cursorIn =
  ({ field }: CandidateOrder) =>
  (row: CandidateRow): Cursor => [cursorNumber(row[field]), row.run_id, row.config_id];

/** The first page of each of several runs, in the order of `pageStatement`. Sorts no more than a run at a time. */
function firstPagesStatement(
  runIds: readonly string[],
  filter: CandidateFilter,
  { field, direction }: CandidateOrder,
  wanted: number,
): { text: string; values: Bindings['values'] } {
  const bindings = new Bindings();
  const runs = bindings.add(runIds);
  const conditions = ['c.run_id = k.run_id', ...filterConditions(filter, bindings)];
  const compared = field === 'config_id' ? '' : `c.${field} IS NULL, c.${field} ${direction}, `;
  return {
    text: `SELECT p.* FROM unnest(${runs}::uuid[]) AS k(run_id) CROSS JOIN LATERAL
      (SELECT ${LIST} FROM candidates c WHERE ${conditions.join(' AND ')}
       ORDER BY ${compared}c.config_id ${direction} LIMIT ${wanted}) AS p`,
    values: bindings.values,
  };
}

interface KeyRow {
  readonly run_id: string;
  readonly config_id: number;
}

const BY_CANDIDATE = {
  key: (key: CandidateKey) => `${key.runId.toLowerCase()}:${key.configId}`,
  row: (row: KeyRow) => `${row.run_id}:${row.config_id}`,
};

const keyArrays = (keys: readonly CandidateKey[]) => [
  keys.map((key) => key.runId),
  keys.map((key) => key.configId),
];

const LIST = candidateSelectList;
const KEYS = 'unnest($1::uuid[], $2::int[]) AS k(run_id, config_id)';

const BY_KEY = `SELECT ${LIST} FROM ${KEYS} JOIN candidates c USING (run_id, config_id)`;

const DETAILS_BY_KEY = `SELECT c.run_id, c.config_id, ${selectList('c', candidateDetailColumns)}
  FROM ${KEYS} JOIN candidates c USING (run_id, config_id)`;

const LOAD_POINTS_BY_KEY = `SELECT ${selectList('p', loadPointColumns)}
  FROM ${KEYS} JOIN load_points p USING (run_id, config_id) ORDER BY p.run_id, p.config_id, p.position`;

const TARGETS_BY_RUN = `SELECT r.id, q.request #> '{constraints,targets}' AS targets
  FROM plan_runs r JOIN plans p ON p.id = r.plan_id JOIN plan_requests q ON q.id = p.plan_request_id
  WHERE r.id = ANY($1::uuid[])`;

/** A frontier as one row, its points as arrays in the order of `FRONTIER_COLUMNS`: read in half the time that a row a point takes. */
interface FrontierRow {
  readonly run_id: string;
  readonly points: readonly FrontierPoint[];
}

type FrontierPoint = readonly [
  configId: number,
  maxQps: number,
  costPerHourUsd: number,
  qpsPerDollar: number | null,
  gpuId: string,
  totalGpus: number,
];

const FRONTIER_COLUMNS =
  'c.config_id, c.max_qps, c.cost_per_hour_usd, c.qps_per_dollar, c.gpu_id, c.total_gpus';

const fromFrontierRow = ({ run_id, points }: FrontierRow): readonly FrontierRecord[] =>
  points.map(([configId, maxQps, costPerHourUsd, qpsPerDollar, gpuId, totalGpus]) => ({
    runId: run_id,
    configId,
    maxQps,
    costPerHourUsd,
    qpsPerDollar,
    gpuId,
    totalGpus,
  }));

const FRONTIERS = `SELECT f.run_id, json_agg(json_build_array(${FRONTIER_COLUMNS}) ORDER BY f.position) AS points
  FROM frontier_points f JOIN candidates c USING (run_id, config_id) WHERE f.run_id = ANY($1::uuid[]) GROUP BY f.run_id`;

/** Order fields that every candidate has, as integers. */
const WHOLE_NUMBERS: readonly CandidateOrder['field'][] = ['config_id', 'total_gpus'];

/** Orderings that an index has across the runs of a workspace. */
const ACROSS_RUNS: readonly CandidateOrder['field'][] = ['max_qps', 'qps_per_dollar', 'cost_per_hour_usd'];

function refuseUnindexed(scope: CandidateScope, { field }: CandidateOrder): void {
  if ('runId' in scope || ACROSS_RUNS.includes(field)) return;
  throw new InputError({
    source: 'query',
    path: 'orderBy',
    found: field,
    allowed: `${ACROSS_RUNS.join(', ')} across runs`,
    hint: 'ask for the candidates of one run to order them by anything else',
  });
}

/**
 * One stretch of the list: the rows `with` a value of the field, in its order, or those `without`. All of the ordering runs
 * in one direction, so that one index serves both directions and a page begins with one comparison of rows.
 */
function pageStatement(
  scope: CandidateScope,
  filter: CandidateFilter,
  { field, direction }: CandidateOrder,
  stretch: {
    readonly part: 'with' | 'without';
    readonly after: NonNullable<PageRequest['after']> | null;
    readonly wanted: number;
  },
): { text: string; values: Bindings['values'] } {
  const bindings = new Bindings();
  const conditions = candidateConditions(scope, filter, bindings);
  const ties = 'runId' in scope ? ['c.config_id'] : ['c.run_id', 'c.config_id'];
  const compared = field === 'config_id' ? [] : [`c.${field}`];
  if (field !== 'config_id') conditions.push(`c.${field} IS ${stretch.part === 'with' ? 'NOT ' : ''}NULL`);
  if (stretch.after !== null) {
    const [value, runId, configId] = stretch.after;
    const left = stretch.part === 'with' ? [...compared, ...ties] : ties;
    const right = [
      ...(stretch.part === 'with' && compared.length > 0 ? [bindings.add(value ?? null)] : []),
      ...('runId' in scope ? [] : [bindings.add(runId ?? null)]),
      bindings.add(configId ?? null),
    ];
    conditions.push(`(${left.join(', ')}) ${direction === 'asc' ? '>' : '<'} (${right.join(', ')})`);
  }
  const order = [...compared, ...ties].map((column) => `${column} ${direction}`).join(', ');
  // The limit is in the text, so that a plan made once for all values knows how few rows are wanted.
  return {
    text: `SELECT ${LIST} FROM candidates c WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${stretch.wanted}`,
    values: bindings.values,
  };
}
