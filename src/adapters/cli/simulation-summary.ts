import type { DeploymentRun } from '../../app/simulate-deployment';
import { totalGpus } from '../../core/engine/deployment';
import {
  formatDuration,
  formatMs,
  formatNumber,
  formatPercent,
  formatQps,
} from '../../core/report/format-number';
import { renderTable } from './table';

/** What a person wants to know of a simulation at a glance. */
export function simulationSummary(run: DeploymentRun): string {
  const { metrics, deployment: d, model, gpu, memory } = run;
  const { requests, throughput } = metrics;
  const lines = [
    `${model.id} on ${totalGpus(d)} × ${gpu.id}: ${d.numReplicas} × (tp${d.tensorParallel} pp${d.pipelineParallel}), ` +
      `${d.scheduler}, batch ${d.maxBatchSize}, ${memory.numGpuBlocks} KV blocks of ${d.blockTokens} tokens`,
    `${requests.completed} of ${requests.arrived} requests completed, ${requests.unfinished} unfinished, ` +
      `${requests.rejected} refused, in ${formatDuration(metrics.simulatedS * 1e3)} of simulated time`,
    '',
    latencyTable(run),
    `Throughput:   ${formatQps(throughput.requestsPerS)} requests/s, ${formatNumber(throughput.outputTokensPerS)} output ` +
      `tokens/s, ${formatNumber(throughput.promptTokensPerS)} prompt tokens/s`,
    `Utilisation:  ${formatPercent(metrics.mfu)} MFU, ${formatPercent(metrics.memoryUtilization)} memory, ` +
      `${formatPercent(metrics.kvUtilization.mean)} KV cache (peak ${formatPercent(metrics.kvUtilization.peak)})`,
    `Batch:        ${formatNumber(metrics.meanBatchSize)} running on average, ${metrics.peakBatchSize} at most, ` +
      `${metrics.preemptions} preemptions`,
    ...warningsOf(run),
  ];
  return `${lines.join('\n')}\n`;
}

function latencyTable({ metrics }: DeploymentRun): string {
  const rows = [
    { name: 'TTFT', latency: metrics.ttftMs },
    { name: 'TBT', latency: metrics.tbtMs },
    { name: 'TPOT', latency: metrics.tpotMs },
    { name: 'latency', latency: metrics.e2eMs },
    { name: 'scheduling delay', latency: metrics.schedulingDelayMs },
  ];
  const quantiles = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const;
  return renderTable(rows, [
    { head: '', value: ({ name }) => name },
    ...quantiles.map((key) => ({
      head: key.padStart(9),
      value: ({ latency }: (typeof rows)[number]) => formatMs(latency[key]).padStart(9),
    })),
  ]);
}

/** Above this share of busy time outside the profile, a reader should know. */
const MUCH_EXTRAPOLATION = 0.05;

function warningsOf({ metrics, deployment }: DeploymentRun): string[] {
  const { requests, extrapolatedTimeFraction } = metrics;
  const warnings: string[] = [];
  if (requests.unfinished > 0)
    warnings.push('The deployment does not keep up: requests were left unfinished.');
  if (requests.rejected > 0) {
    warnings.push(
      `Refused requests are longer than max_model_len (${deployment.maxModelTokens} tokens) or than the KV cache.`,
    );
  }
  if (extrapolatedTimeFraction > MUCH_EXTRAPOLATION) {
    warnings.push(
      `${formatPercent(extrapolatedTimeFraction)} of the busy time is outside the profile's measured range.`,
    );
  }
  return warnings;
}
