import { totalGpus } from '../engine/deployment';
import { tokenBudget } from '../engine/engine-defaults';
import { TARGET_METRICS } from '../search/request';
import type { CandidateResult, LatencySummary, PlanResult } from '../search/result';
import { METRIC_LABELS } from '../search/target-label';
import { measuredAtQps } from './candidates';
import { significant } from './format-number';
import { bindingKey, gpuName, targetKey } from './names';
import type { ReportContext } from './report-context';
import { sloCompliance } from './slo-compliance';

/**
 * Every candidate as one CSV row (RFC 4180: CRLF, quotes where needed), by config_id. A cell without a value is empty.
 * Text that a spreadsheet would run as a formula gets an apostrophe in front.
 */
export function candidatesCsv(result: PlanResult, context: ReportContext): string {
  const columns = listColumns(result, context);
  const rows = result.candidates.map((candidate) => columns.map((column) => cell(column.value(candidate))));
  return [columns.map((column) => cell(column.name)), ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

type Value = string | number | boolean | null | undefined;

interface Column {
  readonly name: string;
  readonly value: (candidate: CandidateResult) => Value;
}

function listColumns(result: PlanResult, context: ReportContext): Column[] {
  const { targets } = result.request.constraints;
  const column = (name: string, value: Column['value']): Column => ({ name, value });
  return [
    column('config_id', (c) => c.configId),
    column('status', (c) => c.status),
    column('reason', (c) => c.reason),
    ...deploymentColumns(context),
    column('max_qps', (c) => measured(c.maxQps)),
    column('max_qps_low', (c) => measured(c.maxQpsInterval?.[0])),
    column('max_qps_high', (c) => measured(c.maxQpsInterval?.[1])),
    column('cost_per_hour', (c) => money(c.cost?.costPerHourUsd)),
    column('qps_per_dollar', (c) => measured(c.cost?.qpsPerDollar)),
    column('cost_per_1k_requests', (c) => money(c.cost?.costPer1kRequestsUsd)),
    column('cost_per_million_input_tokens', (c) => money(c.cost?.costPerMillionInputTokensUsd)),
    column('cost_per_million_output_tokens', (c) => money(c.cost?.costPerMillionOutputTokensUsd)),
    column('meets_all_slos', (c) => sloCompliance(c, targets).meetsAll),
    column('binding_target', (c) => bindingKey(c.binding)),
    ...targets.map((target) => {
      const key = targetKey(target);
      const outcomeOf = (c: CandidateResult) =>
        c.targets.find((outcome) => targetKey(outcome.target) === key);
      return column(`slack_${key.replace(/^max_|_ms$/g, '')}`, (c) => significant(outcomeOf(c)?.slack, 4));
    }),
    column('measured_at_qps', (c) => measured(measuredAtQps(c, result))),
    ...TARGET_METRICS.flatMap((metric) => quantileColumns(metric)),
    column('mean_mfu', (c) => measured(c.metrics?.mfu)),
    column('mean_memory_util', (c) => measured(c.metrics?.memoryUtilization)),
    ...(result.candidates.some((c) => c.metrics?.prefixCacheHitRate !== undefined)
      ? [column('prefix_cache_hit_rate', (c) => measured(c.metrics?.prefixCacheHitRate))]
      : []),
    column('mean_batch_size', (c) => measured(c.metrics?.meanBatchSize)),
    column('preemptions', (c) => c.metrics?.preemptions),
    column('basis', (c) => c.basis),
    column('profile', (c) => c.profile),
    column('price_source', (c) => c.cost?.priceSource),
  ];
}

function deploymentColumns(context: ReportContext): Column[] {
  const column = (name: string, of: (d: CandidateResult['deployment']) => Value): Column => ({
    name,
    value: (c) => of(c.deployment),
  });
  return [
    column('gpu_type', (d) => d.gpuId),
    column('gpu_name', (d) => gpuName(d.gpuId, context)),
    column('num_gpus_per_replica', (d) => d.tensorParallel * d.pipelineParallel),
    column('tensor_parallel', (d) => d.tensorParallel),
    column('pipeline_parallel', (d) => d.pipelineParallel),
    column('num_replicas', (d) => d.numReplicas),
    column('total_gpus', totalGpus),
    column('scheduler', (d) => d.scheduler),
    column('max_batch_size', (d) => d.maxBatchSize),
    column('max_batched_tokens', tokenBudget),
    column('chunk_size', (d) => d.chunkTokens),
    column('block_size', (d) => d.blockTokens),
    column('num_gpu_blocks', (d) => d.numGpuBlocks),
    column('gpu_memory_utilization', (d) => d.gpuMemoryUtilization),
    column('watermark', (d) => d.watermark),
    column('max_model_len', (d) => d.maxModelTokens),
    column('routing', (d) => d.routing),
  ];
}

/** `ttft_p50_ms` … `latency_p99_ms`. */
function quantileColumns(metric: (typeof TARGET_METRICS)[number]): Column[] {
  const quantiles: readonly (keyof LatencySummary)[] = ['p50', 'p90', 'p95', 'p99'];
  return quantiles.map((quantile) => ({
    name: `${METRIC_LABELS[metric].toLowerCase()}_${quantile}_ms`,
    value: (c) => measured(c.metrics?.[`${metric}Ms`][quantile]),
  }));
}

const measured = (value: number | null | undefined) => significant(value, 5);
const money = (value: number | null | undefined) => significant(value, 6);

function cell(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return Number.isNaN(value) ? '' : String(value);
  // Tab and line breaks in front are how such a text hides from a check of its first character.
  const safe = /^[\s]*[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
