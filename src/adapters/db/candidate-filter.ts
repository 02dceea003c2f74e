import type { CandidateFilter, CandidateScope } from '../../app/ports/read-store';
import type { Bindings, Parameter } from './bindings';

/** The conditions on the table `candidates c` of a scope and a filter, in SQL; all of them must hold. */
export const candidateConditions = (
  scope: CandidateScope,
  filter: CandidateFilter,
  bindings: Bindings,
): string[] => [
  'runId' in scope
    ? `c.run_id = ${bindings.add(scope.runId)}`
    : `c.workspace_id = ${bindings.add(scope.workspaceId)}`,
  ...filterConditions(filter, bindings),
];

/** Those of the filter alone. */
export function filterConditions(filter: CandidateFilter, bindings: Bindings): string[] {
  const bind = (value: Parameter) => bindings.add(value);
  const conditions: string[] = [];
  const oneOf = (column: string, values: readonly (string | number)[] | undefined, type: string) => {
    if (values !== undefined) conditions.push(`c.${column} = ANY(${bind(values)}::${type})`);
  };
  const compared = (comparison: string, value: number | undefined) => {
    if (value !== undefined) conditions.push(`c.${comparison} ${bind(value)}`);
  };
  oneOf('status', filter.statuses, 'text[]::candidate_status[]');
  oneOf('gpu_id', filter.gpuIds, 'text[]');
  oneOf('scheduler', filter.schedulers, 'text[]');
  oneOf('tensor_parallel', filter.tensorParallel, 'int[]');
  oneOf('pipeline_parallel', filter.pipelineParallel, 'int[]');
  oneOf('max_batch_size', filter.maxBatchSizes, 'int[]');
  oneOf('num_replicas', filter.numReplicas, 'int[]');
  compared('total_gpus <=', filter.totalGpusMax);
  compared('cost_per_hour_usd <=', filter.costPerHourUsdMax);
  compared('max_qps >=', filter.maxQpsMin);
  if (filter.meetsAllTargets !== undefined)
    conditions.push(`c.meets_all_targets = ${bind(filter.meetsAllTargets)}`);
  if (filter.onFrontier !== undefined)
    conditions.push(`(${ON_FRONTIER}) IS ${filter.onFrontier ? 'NOT ' : ''}NULL`);
  return conditions;
}

/** One value, not EXISTS: the planner then looks it up for the rows that the ordering's index gives, until there are enough. */
const ON_FRONTIER =
  'SELECT f.config_id FROM frontier_points f WHERE f.run_id = c.run_id AND f.config_id = c.config_id LIMIT 1';
