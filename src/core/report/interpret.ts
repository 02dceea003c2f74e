import type { CandidateResult, PlanResult, SimulationMetrics } from '../search/result';
import { isFeasible, worstSlack } from './candidates';
import { formatNumber, formatPercent, formatQps, plural } from './format-number';
import { bindingLabel } from './names';

/** The guide's bands. */
const MFU_BANDS = { low: 0.5, high: 0.7 };
const MEMORY_BANDS = { low: 0.6, high: 0.85 };
/** A batch or a KV cache this full is what limits the replica. */
const FULL = 0.95;

/** What MFU, memory use and QPS per dollar of the recommended candidate mean for the person who will run it. */
export function interpret(candidate: CandidateResult, result: PlanResult): string[] {
  const { metrics } = candidate;
  if (metrics === null) return perDollarSentence(candidate, result);
  return [
    mfuSentence(candidate, metrics),
    memorySentence(candidate, metrics),
    ...perDollarSentence(candidate, result),
  ];
}

function mfuSentence(candidate: CandidateResult, metrics: SimulationMetrics): string {
  const mfu = `MFU ${formatPercent(metrics.mfu)}: `;
  if (metrics.mfu > MFU_BANDS.high) {
    const slack = worstSlack(candidate);
    const tightest =
      slack === null
        ? 'there is no latency target to warn you'
        : `the tightest target has ${formatPercent(slack)} slack`;
    return `${mfu}excellent (above 70%), but little compute is left for bursts; ${tightest}.`;
  }
  if (metrics.mfu >= MFU_BANDS.low) return `${mfu}good for variable traffic (50-70%).`;
  return `${mfu}below the usual 50%, ${whyLow(metrics)}. ${batchSentence(candidate, metrics)}`;
}

/** Decoding reads every weight for one token per request, so generated tokens use little of the peak FLOPs by nature. */
function whyLow({ throughput }: SimulationMetrics): string {
  const { outputTokensPerS: output, promptTokensPerS: prompt } = throughput;
  const share = output / (output + prompt);
  if (!(share >= 0.1)) return 'although most tokens are prompt tokens: prefills are small or the GPUs wait';
  return (
    `which is normal for this traffic: ${formatPercent(share)} of its tokens are generated one by one, and decoding is ` +
    'limited by memory bandwidth, not by FLOPs'
  );
}

/** Larger batches are the guide's advice for a low MFU; it helps only where the batch limit is what holds the replica back. */
function batchSentence({ binding, deployment }: CandidateResult, metrics: SimulationMetrics): string {
  const { meanBatchSize, peakBatchSize, kvUtilization, preemptions } = metrics;
  const mean = `The batch holds ${formatNumber(meanBatchSize)} of at most ${deployment.maxBatchSize} requests on average`;
  if (kvUtilization.peak >= FULL && preemptions > 0) {
    return `${mean}; the KV cache fills up before it (${plural(preemptions, 'preemption')}), so more memory per replica would help, a larger max_batch_size would not.`;
  }
  if (binding !== null && binding !== 'queue' && (binding.metric === 'tbt' || binding.metric === 'tpot')) {
    return `${mean}; a fuller batch would raise MFU but slow each token, and ${bindingLabel(binding)} is already what gives first.`;
  }
  if (peakBatchSize >= FULL * deployment.maxBatchSize) {
    return `${mean} and reaches the limit at peaks: a larger max_batch_size is worth a try.`;
  }
  return `${mean} and never reaches the limit: a larger max_batch_size would change nothing.`;
}

function memorySentence({ deployment }: CandidateResult, metrics: SimulationMetrics): string {
  const { memoryUtilization: used, kvUtilization, preemptions } = metrics;
  const memory = `Memory ${formatPercent(used)}, KV cache ${formatPercent(kvUtilization.mean)} (peak ${formatPercent(kvUtilization.peak)}): `;
  if (used > MEMORY_BANDS.high) {
    const effect =
      preemptions > 0 ? `it preempted requests ${plural(preemptions, 'time')}` : 'no request was preempted';
    return (
      `${memory}above 85%. The KV cache is reserved in advance, so the risk is preemption rather than out-of-memory (here ${effect}); ` +
      `if it grows in production, lower max_batch_size (${deployment.maxBatchSize}) or split the model over more GPUs.`
    );
  }
  if (used >= MEMORY_BANDS.low) return `${memory}healthy (60-85%).`;
  return (
    `${memory}below 60%, so there is memory to spare. A smaller GPU or fewer GPUs per replica would hold the model; whether they are fast ` +
    'enough is what the candidates below say.'
  );
}

function perDollarSentence(candidate: CandidateResult, result: PlanResult): string[] {
  const mine = candidate.cost?.qpsPerDollar ?? null;
  if (mine === null) return [];
  const all = result.candidates
    .filter(isFeasible)
    .map((c) => c.cost?.qpsPerDollar ?? null)
    .filter((value) => value !== null);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const range =
    all.length > 1
      ? ` The ${all.length} feasible candidates range from ${formatQps(low)} to ${formatQps(high)}.`
      : '';
  return [
    `QPS per dollar ${formatQps(mine)} (higher is better).${range} Compare it within this plan only: it falls with longer prompts and answers.`,
  ];
}
