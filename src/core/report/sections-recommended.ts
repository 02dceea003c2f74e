import { totalGpus } from '../engine/deployment';
import { tokenBudget } from '../engine/engine-defaults';
import type { Target } from '../search/request';
import type { CandidateResult, PlanResult } from '../search/result';
import { quantileOf, targetLabel } from '../search/target-label';
import { boundedUpToRatio } from '../uncertainty/with-time-error';
import { facts, paragraph, type Section, section, table } from './document';
import { formatGb, formatMs, formatPercent, formatQps, formatUsd } from './format-number';
import { bindingLabel, gpuName, SCHEDULER_NAMES, SCHEDULER_NOTES } from './names';
import { servedQps } from './recommendation';
import type { ReportContext } from './report-context';
import { sloCompliance } from './slo-compliance';

/** The recommended candidate itself: what it is, what it does, what it costs, whether it keeps its targets. */
export function recommendedSections(
  best: CandidateResult,
  result: PlanResult,
  context: ReportContext,
): Section[] {
  return [
    configurationSection(best, context),
    performanceSection(best, result),
    costSection(best),
    sloSection(best, result),
  ];
}

function configurationSection(
  { configId, deployment: d, memory }: CandidateResult,
  context: ReportContext,
): Section {
  const name = gpuName(d.gpuId, context);
  const perReplica = d.tensorParallel * d.pipelineParallel;
  const hardware: [string, string][] = [
    ['GPU Type', name === d.gpuId ? name : `${name} (${d.gpuId})`],
    [
      'Total GPUs',
      `${totalGpus(d)} (${d.numReplicas} ${d.numReplicas === 1 ? 'replica' : 'replicas'} × ${perReplica} ${perReplica === 1 ? 'GPU' : 'GPUs each'})`,
    ],
    ['Parallelism', `TP=${d.tensorParallel}, PP=${d.pipelineParallel}`],
  ];
  if (memory !== null) {
    const kvTokens = memory.numGpuBlocks * d.blockTokens;
    hardware.push([
      'Memory per GPU',
      `weights ${formatGb(memory.weightBytes)}, KV cache ${formatGb(kvTokens * memory.kvBytesPerToken)}`,
    ]);
    hardware.push(['KV per replica', `${kvTokens} tokens`]);
  }
  const budget = tokenBudget(d);
  return section('RECOMMENDED CONFIGURATION', [
    facts('Hardware', hardware),
    facts('Software', [
      ['Scheduler', `${SCHEDULER_NAMES[d.scheduler]} (${SCHEDULER_NOTES[d.scheduler]})`],
      ['Max Batch Size', String(d.maxBatchSize)],
      ['Token Budget', budget === null ? 'no limit' : `${budget} per step`],
      ['Max Model Length', `${d.maxModelTokens} tokens`],
      ['Candidate', `#${configId}`],
    ]),
  ]);
}

/** Always shown, whether or not a target is set on them. */
const USUAL_LATENCIES: readonly Pick<Target, 'metric' | 'quantile'>[] = [
  { metric: 'e2e', quantile: 0.5 },
  { metric: 'e2e', quantile: 0.95 },
  { metric: 'e2e', quantile: 0.99 },
  { metric: 'ttft', quantile: 0.95 },
  { metric: 'tbt', quantile: 0.99 },
];
const METRIC_ORDER: readonly Target['metric'][] = ['e2e', 'ttft', 'tbt', 'tpot'];

function performanceSection(best: CandidateResult, result: PlanResult): Section {
  const rows: [string, string][] = [['Throughput', `${servedQps(best)} QPS (requests/second)`]];
  const interval = best.maxQpsInterval;
  if (best.status === 'CAPPED') rows.push(['', 'end of the range searched: the true maximum is higher']);
  else if (interval !== null)
    rows.push(['', `90% interval ${formatQps(interval[0])} to ${formatQps(interval[1])} QPS`]);
  const { metrics } = best;
  if (metrics !== null) {
    rows.push(...latencyRows(best, result));
    const { throughput } = metrics;
    rows.push([
      'Tokens',
      `${formatQps(throughput.outputTokensPerS)} output/s, ${formatQps(throughput.promptTokensPerS)} prompt/s`,
    ]);
    rows.push([
      'Resource Util',
      `${formatPercent(metrics.mfu)} MFU, ${formatPercent(metrics.memoryUtilization)} Memory, ${formatPercent(metrics.kvUtilization.mean)} KV cache`,
    ]);
    if (metrics.prefixCacheHitRate !== undefined)
      rows.push([
        'Prefix cache',
        `${formatPercent(metrics.prefixCacheHitRate)} of the prompt tokens found in it`,
      ]);
  }
  const what = `at ${formatQps(best.maxQps)} QPS`;
  const sentences = [
    `Latencies are ${what}; below it they are lower (see LOAD CURVE).`,
    ...unboundedSentence(best),
  ];
  const note = metrics === null ? [] : [paragraph(sentences.join(' '))];
  return section('PERFORMANCE ESTIMATES', [facts(null, rows), ...note]);
}

/** Why the intervals of the latencies have no upper end, where they have none. */
function unboundedSentence({ loadCurve, maxQps, samplingInterval, timeError }: CandidateResult): string[] {
  if (maxQps === null || timeError === null) return [];
  const bounded = boundedUpToRatio(loadCurve, maxQps);
  const slowest = timeError.highRatio * (maxQps / (samplingInterval?.[0] ?? maxQps));
  if (bounded === null || slowest <= bounded) return [];
  const longer = bounded - 1 < 0.005 ? 'longer' : `more than ${formatPercent(bounded - 1)} longer`;
  return [
    `If steps take ${longer} than predicted, this load may not be held (none higher was simulated to its end): the 90% ` +
      'intervals of its latencies have no upper end.',
  ];
}

function latencyRows(best: CandidateResult, result: PlanResult): [string, string][] {
  const { metrics } = best;
  if (metrics === null) return [];
  const { targets } = result.request.constraints;
  const extra = targets.filter((t) => !USUAL_LATENCIES.some((usual) => same(usual, t)));
  return [...USUAL_LATENCIES, ...extra]
    .sort(
      (a, b) => METRIC_ORDER.indexOf(a.metric) - METRIC_ORDER.indexOf(b.metric) || a.quantile - b.quantile,
    )
    .map((of) => {
      const outcome = best.targets.find((o) => same(o.target, of));
      const value = formatMs(outcome?.valueMs ?? quantileOf(metrics, of));
      const mark =
        outcome === undefined
          ? ''
          : ` ${outcome.met ? '✓' : '✗'} (target: ≤${formatMs(outcome.target.limitMs)})`;
      return [latencyLabel(of), `${value}${mark}`];
    });
}

function same(a: Pick<Target, 'metric' | 'quantile'>, b: Pick<Target, 'metric' | 'quantile'>): boolean {
  return a.metric === b.metric && a.quantile === b.quantile;
}

/** `TTFT (P95)`, as the spec writes it. */
function latencyLabel(of: Pick<Target, 'metric' | 'quantile'>): string {
  const [metric, quantile] = targetLabel(of).split(' ');
  return `${metric === 'latency' ? 'Latency' : metric} (${quantile?.toUpperCase()})`;
}

function costSection({ cost }: CandidateResult): Section {
  if (cost === null)
    return section('COST ANALYSIS', [
      paragraph('No price is known for this GPU: set one under prices in the request.'),
    ]);
  return section('COST ANALYSIS', [
    facts(null, [
      ['Hourly Cost', `${formatUsd(cost.costPerHourUsd)}/hour`],
      ['Cost per 1K Req', formatUsd(cost.costPer1kRequestsUsd)],
      [
        'Per 1M Tokens',
        `${formatUsd(cost.costPerMillionInputTokensUsd)} input or ${formatUsd(cost.costPerMillionOutputTokensUsd)} output (each the whole bill)`,
      ],
      ['QPS per Dollar', formatQps(cost.qpsPerDollar)],
      ['Price', cost.priceSource],
    ]),
  ]);
}

function sloSection(best: CandidateResult, result: PlanResult): Section {
  const { meetsAll } = sloCompliance(best, result.request.constraints.targets);
  const rows = best.targets.map(({ target, valueMs, met, slack }) => [
    `${met ? '✓' : '✗'} ${targetLabel(target)}`,
    formatMs(valueMs),
    formatMs(target.limitMs),
    formatPercent(slack),
  ]);
  const first = best.binding === null ? [] : [paragraph(`What gives first: ${bindingLabel(best.binding)}.`)];
  const outcomes = rows.length === 0 ? [] : [table(['Target', '>Reached', '>Limit', '>Slack'], rows)];
  return section('SLO COMPLIANCE', [...outcomes, ...first], sloVerdict(meetsAll, result));
}

function sloVerdict(meetsAll: boolean | null, result: PlanResult): string {
  if (result.request.constraints.targets.length === 0) return 'no latency targets given';
  if (meetsAll === null) return 'not known';
  return meetsAll ? '✓ ALL SLOS MET' : '✗ NOT ALL SLOS MET';
}
