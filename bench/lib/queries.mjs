// What the load asks for, of this API and of PostGraphile: the same rows with the same fields.

const CONFIG = [
  'gpuType numGpusPerReplica tensorParallel pipelineParallel numReplicas totalGpus scheduler maxBatchSize',
  'maxBatchedTokens chunkSize blockSize numGpuBlocks gpuMemoryUtilization watermark maxModelLen routing',
].join(' ');
const PERFORMANCE = [
  'maxSustainableQps maxSustainableQpsInterval { lowQps highQps } bindingTarget p50LatencyMs p95LatencyMs p99LatencyMs',
  'p95TtftMs p99TbtMs meanMfu meanMemoryUtil',
].join(' ');
const COST = [
  'costPerHourUsd costPer1kRequestsUsd costPerMillionInputTokensUsd costPerMillionOutputTokensUsd qpsPerDollar priceSource',
].join(' ');
const CANDIDATE = `id configId status reason config { ${CONFIG} } performance { ${PERFORMANCE} } cost { ${COST} }`;

/** This API's filters are lists of what is allowed. */
const listed = ({ scheduler, maxBatchSize }) => ({
  ...(scheduler === undefined ? {} : { schedulers: [scheduler.toUpperCase()] }),
  ...(maxBatchSize === undefined ? {} : { maxBatchSizes: [maxBatchSize] }),
});

export const own = {
  name: 'simfaasinfer',
  candidates: `query page($filter: CandidateFilterInput, $after: String) {
    candidates(first: 50, after: $after, filter: $filter,
      orderBy: { field: COST_PER_HOUR_USD, direction: ASC }) {
      nodes { ${CANDIDATE} plan { id name createdAt } }
      pageInfo { endCursor hasNextPage }
    } }`,
  candidatesVariables: ({ filter, after }) => ({ filter: listed(filter), after }),
  candidatesOf: ({ data }) => data.candidates.nodes.map(({ id, plan }) => `${id} ${plan.id}`),
  candidatesEnd: ({ data }) => data.candidates.pageInfo.endCursor,
  plans: `query plans($after: String) {
    plans(first: 20, after: $after) {
      nodes {
        id name priority createdAt
        best { ${CANDIDATE} }
        frontier { configId maxQps costPerHourUsd qpsPerDollar gpuType totalGpus }
      }
      pageInfo { endCursor hasNextPage }
    } }`,
  plansVariables: ({ after }) => ({ after }),
  plansOf: ({ data }) =>
    data.plans.nodes.map(
      ({ id, best, frontier }) => `${id} ${best.configId} ${frontier.map((p) => p.configId)}`,
    ),
  plansEnd: ({ data }) => data.plans.pageInfo.endCursor,
};

// Columns of their own where this API has them so; the engine settings, eight fields there, are one JSON column here.
const COLUMNS = [
  'runId configId status reason gpuId tensorParallel pipelineParallel numReplicas totalGpus scheduler maxBatchSize engineSettings',
  'maxQps maxQpsLow maxQpsHigh binding e2EP50Ms e2EP95Ms e2EP99Ms ttftP95Ms tbtP99Ms mfu memoryUtilization',
  'costPerHourUsd costPer1KRequestsUsd costPerMillionInputTokensUsd costPerMillionOutputTokensUsd qpsPerDollar priceSource',
].join(' ');

export const postgraphile = {
  name: 'PostGraphile',
  candidates: `query page($condition: CandidateCondition!, $after: Cursor) {
    allCandidates(first: 50, after: $after, condition: $condition,
      orderBy: [COST_PER_HOUR_USD_ASC]) {
      nodes { ${COLUMNS} planRunByRunId { planByPlanId { rowId name createdAt } } }
      pageInfo { endCursor hasNextPage }
    } }`,
  candidatesVariables: ({ filter, after, workspace }) => ({
    condition: { workspaceId: workspace, ...filter },
    after,
  }),
  candidatesOf: ({ data }) =>
    data.allCandidates.nodes.map(
      ({ runId, configId, planRunByRunId }) => `${runId}:${configId} ${planRunByRunId.planByPlanId.rowId}`,
    ),
  candidatesEnd: ({ data }) => data.allCandidates.pageInfo.endCursor,
  plans: `query plans($workspace: UUID!, $after: Cursor) {
    allPlans(first: 20, after: $after, condition: { workspaceId: $workspace }, orderBy: [CREATED_AT_DESC]) {
      nodes {
        rowId name priority createdAt
        planRunsByPlanIdList(first: 1, orderBy: [NUMBER_DESC]) {
            best { ${COLUMNS} }
            frontierPointsByRunIdList(orderBy: [PRIMARY_KEY_ASC]) {
              candidateByRunIdAndConfigId { configId maxQps costPerHourUsd qpsPerDollar gpuId totalGpus }
            }
        }
      }
      pageInfo { endCursor hasNextPage }
    } }`,
  plansVariables: ({ after, workspace }) => ({ workspace, after }),
  plansOf: ({ data }) =>
    data.allPlans.nodes.map(({ rowId, planRunsByPlanIdList }) => {
      const { best, frontierPointsByRunIdList } = planRunsByPlanIdList[0];
      const frontier = frontierPointsByRunIdList.map((p) => p.candidateByRunIdAndConfigId.configId);
      return `${rowId} ${best.configId} ${frontier}`;
    }),
  plansEnd: ({ data }) => data.allPlans.pageInfo.endCursor,
};
