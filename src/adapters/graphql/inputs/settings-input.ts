import { Float } from 'type-graphql';
import { field, inputType, optional } from '../types/described';
import { Objective, PriceKind } from '../types/enums';
import { SafeInt } from '../types/scalars';

// One to one with the sections of the request files, in camelCase; to-document.ts translates.

const WORDS = {
  ttft: 'time to first token',
  tbt: 'time between tokens, over all gaps',
  tpot: 'time per output token of a request',
  latency: 'end-to-end latency',
};
const most = (metric: keyof typeof WORDS, percent: number): string =>
  `Most ${WORDS[metric]} at the ${percent === 50 ? 'median' : `${percent}th percentile`}, ms. Default no limit.`;

@inputType(
  'ConstraintsInput',
  'What a candidate must meet. Without a latency target a load is sustained when the queue does not grow.',
)
export class ConstraintsInput {
  @optional(() => Float, most('ttft', 50))
  readonly maxTtftP50Ms?: number | null;
  @optional(() => Float, most('ttft', 90))
  readonly maxTtftP90Ms?: number | null;
  @optional(() => Float, most('ttft', 95))
  readonly maxTtftP95Ms?: number | null;
  @optional(() => Float, most('ttft', 99))
  readonly maxTtftP99Ms?: number | null;
  @optional(() => Float, most('tbt', 50))
  readonly maxTbtP50Ms?: number | null;
  @optional(() => Float, most('tbt', 90))
  readonly maxTbtP90Ms?: number | null;
  @optional(() => Float, most('tbt', 95))
  readonly maxTbtP95Ms?: number | null;
  @optional(() => Float, most('tbt', 99))
  readonly maxTbtP99Ms?: number | null;
  @optional(() => Float, most('tpot', 50))
  readonly maxTpotP50Ms?: number | null;
  @optional(() => Float, most('tpot', 90))
  readonly maxTpotP90Ms?: number | null;
  @optional(() => Float, most('tpot', 95))
  readonly maxTpotP95Ms?: number | null;
  @optional(() => Float, most('tpot', 99))
  readonly maxTpotP99Ms?: number | null;
  @optional(() => Float, most('latency', 50))
  readonly maxLatencyP50Ms?: number | null;
  @optional(() => Float, most('latency', 90))
  readonly maxLatencyP90Ms?: number | null;
  @optional(() => Float, most('latency', 95))
  readonly maxLatencyP95Ms?: number | null;
  @optional(() => Float, most('latency', 99))
  readonly maxLatencyP99Ms?: number | null;
  @optional(() => Float, 'Most US dollars per hour. Default no limit.')
  readonly maxCostPerHour?: number | null;
  @optional(() => Float, 'Least sustainable load, requests/s. Default no limit.')
  readonly minQps?: number | null;
}

@inputType('ObjectiveInput', 'What the best candidate is best at.')
export class ObjectiveInput {
  @field(() => Objective, 'The objective.')
  readonly kind!: string;
  @optional(() => Float, 'Load to serve, requests/s; MIN_COST needs it, here or as targetQps of the request.')
  readonly targetQps?: number | null;
}

@inputType('GpuPriceInput', 'A price of your own for one type of GPU.')
export class GpuPriceInput {
  @field(() => String, 'Name of the GPU, e.g. H100.')
  readonly gpu!: string;
  @field(() => Float, 'US dollars for one GPU and hour, above 0.')
  readonly usd!: number;
}

@inputType('PricesInput', 'Which prices to use.')
export class PricesInput {
  @optional(() => String, 'A provider of the price book. Default AWS, else the median of the others.')
  readonly provider?: string | null;
  @optional(() => PriceKind, 'On demand, spot or reserved. Default ON_DEMAND.')
  readonly kind?: string | null;
  @optional(() => Boolean, 'Pay whole instances where the price book has them. Default false.')
  readonly wholeInstances?: boolean | null;
  @optional(() => [GpuPriceInput], 'Prices of your own, one for each GPU; they win over the price book.')
  readonly usdPerGpuHour?: readonly GpuPriceInput[] | null;
}

@inputType('SimulationInput', 'How each rate is simulated.')
export class SimulationInput {
  @optional(() => Float, 'Measured part, s; at least 2,000 requests are. Default 600.')
  readonly duration?: number | null;
  @optional(() => Float, 'Simulated before it and not measured, s. Default 60, or the duration if shorter.')
  readonly warmupDuration?: number | null;
  @optional(() => SafeInt, 'Seed of the random numbers, 0 to 4,294,967,295. Default 42.')
  readonly randomSeed?: number | null;
}

@inputType('OverheadInput', 'Time that kernel-level profiles do not contain.')
export class OverheadInput {
  @optional(
    () => Float,
    'CPU, sampler and small kernels of one step, ms. Default 0, for composed profiles 0.03 × layers + 0.2.',
  )
  readonly stepMs?: number | null;
  @optional(() => Float, 'API server work of one request, ms; no GPU time. Default 9.3.')
  readonly requestMs?: number | null;
  @optional(() => Float, "Steps between the making of a request's first token and its delivery. Default 1.")
  readonly firstTokenExtraSteps?: number | null;
}

/** The sections of a request that a stored plan can be ranked by anew. */
@inputType(
  'RerankInput',
  'What to rank a stored plan by instead. A section given replaces the whole section of the plan; one left out stays.',
)
export class RerankInput {
  @optional(() => ConstraintsInput, 'Latency targets, budget and least load, in place of all of the plan’s.')
  readonly constraints?: ConstraintsInput | null;
  @optional(() => ObjectiveInput, 'What the best candidate is best at.')
  readonly objective?: ObjectiveInput | null;
  @optional(() => PricesInput, 'Which prices to use.')
  readonly prices?: PricesInput | null;
}
