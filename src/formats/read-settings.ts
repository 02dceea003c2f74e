import { resolveGpu } from '../core/catalog/names';
import { resolveProvider } from '../core/cost/price-of';
import type { PlanRequest, PriceSelection, SimulationSpan } from '../core/search/request';
import { refuse } from './fault';
import type { RequestContext } from './request-context';
import { REQUEST_DEFAULTS } from './request-defaults';
import type { RequestInput } from './request-schema';

/** The span of one simulation. The warm-up comes before the duration and is not measured. */
export function toSimulation(
  input: NonNullable<RequestInput['simulation']>,
  { at, assumptions }: RequestContext,
): SimulationSpan {
  const { durationS, warmupS, randomSeed } = REQUEST_DEFAULTS.simulation;
  const span = {
    durationS: input.duration ?? assumptions.take('simulation.duration', durationS, `${durationS} s`),
    // A short simulation without a warm-up of its own gets one no longer than itself.
    warmupS:
      input.warmup_duration ??
      assumptions.take('simulation.warmup_duration', Math.min(warmupS, input.duration ?? warmupS)),
    randomSeed: input.random_seed ?? assumptions.take('simulation.random_seed', randomSeed),
  };
  if (span.warmupS > span.durationS) {
    refuse(at(['simulation', 'warmup_duration']), {
      found: String(span.warmupS),
      allowed: `at most the duration (${span.durationS} s)`,
    });
  }
  return span;
}

/** Overheads given; the others stay null, for the defaults of the profile's kind. */
export function toOverhead(
  input: NonNullable<RequestInput['overhead']>,
  { assumptions }: RequestContext,
): PlanRequest['overhead'] {
  const absent = (['step_ms', 'request_ms', 'first_token_extra_steps'] as const).filter(
    (key) => input[key] === undefined,
  );
  if (absent.length > 0) {
    assumptions.note(
      `overhead: ${absent.join(', ')} not given, the default for the kind of profile is used.`,
    );
  }
  return {
    stepMs: input.step_ms ?? null,
    requestMs: input.request_ms ?? null,
    firstTokenExtraSteps: input.first_token_extra_steps ?? null,
  };
}

/** Which prices to use; GPU names of the request's own prices resolved. */
export function toPrices(input: RequestInput, context: RequestContext): PriceSelection {
  const prices = input.prices ?? {};
  const { catalog, at, assumptions } = context;
  const usdPerGpuHour: Record<string, number> = {};
  for (const [name, usd] of Object.entries(prices.usd_per_gpu_hour ?? {})) {
    const where = at(['prices', 'usd_per_gpu_hour', name]);
    const { id } = resolveGpu(catalog, name, where);
    if (Object.hasOwn(usdPerGpuHour, id))
      refuse(where, { found: `a second price of ${id}`, allowed: 'one price for each GPU' });
    usdPerGpuHour[id] = usd;
  }
  const { kind, wholeInstances } = REQUEST_DEFAULTS.prices;
  return {
    provider:
      prices.provider === undefined
        ? assumptions.take('prices.provider', null, 'the default of the price book')
        : resolveProvider(catalog.prices, prices.provider, at(['prices', 'provider'])),
    kind: prices.kind ?? assumptions.take('prices.kind', kind),
    wholeInstances: prices.whole_instances ?? assumptions.take('prices.whole_instances', wholeInstances),
    usdPerGpuHour,
  };
}
