import { TARGET_METRICS, TARGET_QUANTILES } from '../../../core/search/request';
import { enumOf } from './described';

export const LatencyMetric = enumOf('LatencyMetric', 'A latency that targets are set on.', {
  TTFT: ['ttft', 'Time to first token: arrival to the first output token.'],
  TBT: ['tbt', 'Time between tokens: each gap between two output tokens, stalls included.'],
  TPOT: ['tpot', 'Time per output token of one request: (e2e − TTFT) ÷ (output tokens − 1).'],
  E2E: ['e2e', 'End to end: arrival to the last token.'],
});

const METRIC_WORDS = {
  ttft: 'time to first token',
  tbt: 'time between tokens',
  tpot: 'time per output token',
  e2e: 'end-to-end latency',
};

/** `ttft_p95`, … as candidates and load points name the target that decides, or `queue`. */
export const BindingTarget = enumOf('BindingTarget', 'What limits a load: a latency target, or the queue.', {
  QUEUE: ['queue', 'The queue grows with time: the deployment is saturated.'],
  ...(Object.fromEntries(
    TARGET_METRICS.flatMap((metric) =>
      TARGET_QUANTILES.map((quantile) => {
        const key = `${metric}_p${quantile * 100}`;
        return [
          key.toUpperCase(),
          [key, `The target on the p${quantile * 100} of the ${METRIC_WORDS[metric]}.`],
        ];
      }),
    ),
  ) as Record<string, readonly [string, string]>),
});

export const ArrivalProcess = enumOf('ArrivalProcess', 'How requests arrive at a mean rate.', {
  POISSON: ['poisson', 'Exponential gaps.'],
  CONSTANT: ['constant', 'Equal gaps.'],
  GAMMA: ['gamma', 'Gamma-distributed gaps with the coefficient of variation cv; 1 is Poisson.'],
  BURST: ['burst', 'Groups of burstSize requests at one instant, the groups Poisson.'],
  TRACE: ['trace', 'The gaps of the trace, in order, scaled to the rate.'],
});

export const LengthDistribution = enumOf('LengthDistribution', 'How long prompts or outputs are.', {
  FIXED: ['fixed', 'Always value tokens.'],
  NORMAL: ['normal', 'Normal with mean and std, redrawn below 1 token.'],
  LOGNORMAL: ['lognormal', 'Log-normal with mean and std of the lengths themselves.'],
  GAMMA: ['gamma', 'Gamma with mean and std.'],
  UNIFORM: ['uniform', 'Every whole number from min to max.'],
  EMPIRICAL: ['empirical', 'One of values, with optional weights.'],
  TRACE: ['trace', 'The column of a registered trace.'],
});
