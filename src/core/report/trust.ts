import type { CandidateResult, PlanResult } from '../search/result';
import { candidateOf, countWithStatus } from './candidates';
import { formatNumber, formatPercent, formatQps, plural } from './format-number';

/** Above this share of busy time outside the profile, a reader should know. */
const MUCH_EXTRAPOLATION = 0.05;
/** Above this relative half-width, an interval is worth a warning. */
const WIDE_INTERVAL = 0.1;

/** What the plan takes as given: the settings of the recommended candidate, then the notes of the search. */
export function planAssumptions(result: PlanResult): string[] {
  const best = candidateOf(result, result.best);
  return [...(best === null ? [] : candidateAssumptions(best)), ...result.notes];
}

function candidateAssumptions(candidate: CandidateResult): string[] {
  const { overhead, memory, cost, deployment } = candidate;
  const sentences: string[] = [...timeSentences(candidate)];
  if (overhead !== null) {
    sentences.push(
      `Overhead added to the profile: ${formatNumber(overhead.stepMs)} ms per step, ${formatNumber(overhead.requestMs)} ms per ` +
        `request, first token delivered ${plural(overhead.firstTokenExtraSteps, 'step')} late.`,
    );
  }
  if (memory !== null) {
    const source = {
      computed: 'computed from the memory plan',
      profile: 'as the profile says',
      request: 'as the request says',
    };
    sentences.push(
      `KV cache of a replica: ${memory.numGpuBlocks} blocks of ${deployment.blockTokens} tokens, ${source[memory.source]}.`,
    );
  }
  if (cost !== null) sentences.push(`Price: ${cost.priceSource}.`);
  return sentences;
}

/** How well the step times are known, and what corrected them. */
function timeSentences({ timeError, calibrationId, uncalibrated, maxQps }: CandidateResult): string[] {
  if (timeError === null) return [];
  const faster = formatPercent(1 - timeError.lowRatio);
  const slower = formatPercent(timeError.highRatio - 1);
  const known = `Step times are taken as known to within ${faster} faster and ${slower} slower; the interval of max QPS includes it.`;
  if (calibrationId === null) return [known];
  const before =
    uncalibrated?.maxQps == null
      ? 'without it no rate meets the targets'
      : `without it max QPS is ${formatQps(uncalibrated.maxQps)}${maxQps === null ? '' : ` instead of ${formatQps(maxQps)}`}`;
  return [known, `Calibrated with ${calibrationId}: ${before}.`];
}

/** What limits how far the plan can be trusted, gravest first: derived from the result, then what the lint found in the profiles. */
export function planWarnings(result: PlanResult): string[] {
  const best = candidateOf(result, result.best);
  const failed = countWithStatus(result, 'FAILED');
  const warnings: string[] = [];
  if (result.partial) warnings.push(partialSentence(result));
  if (failed > 0) {
    warnings.push(
      `${plural(failed, 'simulation')} failed: a fault of ours. Those candidates are counted as neither meeting nor missing targets.`,
    );
  }
  if (result.request.constraints.targets.length === 0) {
    warnings.push(
      'No latency target was given: the QPS shown are what the GPUs sustain before the queue grows, at any latency.',
    );
  }
  return [...warnings, ...(best === null ? [] : candidateWarnings(best)), ...result.warnings];
}

/** The banner of an interrupted plan. */
export function partialSentence(result: PlanResult): string {
  const missing = countWithStatus(result, 'NOT_EVALUATED');
  return (
    `PARTIAL: the search was stopped; ${missing} of ${plural(result.candidates.length, 'candidate')} ` +
    `${missing === 1 ? 'was' : 'were'} not evaluated, and a better one may be among them.`
  );
}

function candidateWarnings(candidate: CandidateResult): string[] {
  const { basis, profile, metrics, maxQps, maxQpsInterval, samplingInterval } = candidate;
  const warnings: string[] = [];
  if (basis === 'scaled') {
    warnings.push(
      `The iteration times of the recommendation are scaled${profile === null ? '' : ` (${profile})`}, not measured on this ` +
        'GPU and degree: profile it before you buy.',
    );
  }
  const outside = metrics?.extrapolatedTimeFraction ?? 0;
  if (outside > MUCH_EXTRAPOLATION) {
    warnings.push(
      `${formatPercent(outside)} of its busy time lies outside the measured range of the profile and is extrapolated.`,
    );
  }
  const isWide = (interval: readonly [number, number] | null) =>
    maxQps !== null && interval !== null && interval[1] - interval[0] > 2 * WIDE_INTERVAL * maxQps;
  if (maxQpsInterval !== null && isWide(maxQpsInterval)) {
    const remedy = isWide(samplingInterval)
      ? 'a longer simulation.duration narrows it'
      : 'step times are not known better; calibration with telemetry narrows it';
    warnings.push(
      `The interval of max QPS is wide (${formatQps(maxQpsInterval[0])} to ${formatQps(maxQpsInterval[1])}): ${remedy}.`,
    );
  }
  if ((metrics?.requests.rejected ?? 0) > 0) {
    warnings.push(
      `${plural(metrics?.requests.rejected ?? 0, 'request')} longer than the server accepts were refused in the simulation.`,
    );
  }
  return warnings;
}
