import { withCachedTokens } from '../core/workload/cached-share';
import type { ArrivalProcess, LengthDistribution, Lengths, Trace } from '../core/workload/workload';
import { refuse, show } from './fault';
import { type LengthKey, toLength } from './read-lengths';
import { cachingTrace, drawnCaching, toPrefixCaching } from './read-prefix-caching';
import type { RequestContext } from './request-context';
import { REQUEST_DEFAULTS } from './request-defaults';
import type { ArrivalInput, LengthInput, PrefixCachingInput } from './workload-schema';

/** The keys of `workload` that say how long requests are. */
export interface TrafficInput {
  readonly prompt_length?: LengthInput | undefined;
  readonly output_length?: LengthInput | undefined;
  readonly cached_prompt_tokens?: LengthInput | undefined;
  readonly trace?: string | undefined;
  readonly prefix_caching?: PrefixCachingInput | undefined;
}

/** Lengths of requests: those of a trace, or drawn. `missing` decides what a length not given means. */
export function toLengths(
  input: TrafficInput,
  context: RequestContext,
  missing: (key: 'prompt_length' | 'output_length') => LengthDistribution,
): Lengths {
  const caching = toPrefixCaching(input, context);
  const path = input.trace ?? pairedTrace(input);
  if (input.trace !== undefined) refuseLengthsBesideTrace(input, context);
  if (path !== null) {
    const named = context.at(
      input.trace === undefined ? ['workload', 'prompt_length', 'path'] : ['workload', 'trace'],
    );
    const trace = cachingTrace(context.files.loadTrace(path, named), caching, context);
    return {
      kind: 'trace',
      ...withCached(trace, input.cached_prompt_tokens, context),
      ...(caching === null || caching === 'column' ? {} : { prefixCaching: caching }),
    };
  }
  const read = (key: LengthKey) => {
    const length = input[key];
    return length === undefined ? null : toLength(length, key, context);
  };
  const cachedPrompt = read('cached_prompt_tokens');
  return {
    kind: 'drawn',
    prompt: read('prompt_length') ?? missing('prompt_length'),
    output: read('output_length') ?? missing('output_length'),
    cachedPrompt: cachedPrompt?.kind === 'fixed' && cachedPrompt.value === 0 ? null : cachedPrompt,
    ...drawnCaching(caching, context),
  };
}

/** The arrival process; null: not given. */
export function toArrival(
  input: ArrivalInput | undefined,
  lengths: Lengths,
  context: RequestContext,
): ArrivalProcess | null {
  if (input === undefined) return null;
  switch (input.process) {
    case 'gamma':
      return { kind: 'gamma', cv: input.cv };
    case 'burst':
      return { kind: 'burst', burstSize: input.burst_size };
    case 'trace':
      if (lengths.kind !== 'trace') {
        refuse(context.at(['workload', 'arrival', 'process']), {
          found: 'trace',
          allowed: 'another process where the lengths are drawn',
          hint: 'name the trace under workload.trace',
        });
      }
      refuseInstantTrace(lengths.trace, context);
      return { kind: 'trace' };
    default:
      return { kind: input.process };
  }
}

/** The arrivals of a workload that does not name them. */
export function defaultArrival(lengths: Lengths, byTrace: boolean, context: RequestContext): ArrivalProcess {
  const key = 'workload.arrival.process';
  if (!byTrace || lengths.kind !== 'trace')
    return context.assumptions.take(key, REQUEST_DEFAULTS.workload.arrival, 'poisson');
  refuseInstantTrace(lengths.trace, context);
  return context.assumptions.take(
    key,
    { kind: 'trace' } as const,
    'trace: the gaps of the trace, scaled to each rate',
  );
}

/** A trace whose requests all arrive at once has no rate that could be scaled. */
function refuseInstantTrace(trace: Trace, context: RequestContext): void {
  const times = trace.arrivedAtS;
  if (times.length >= 2 && (times.at(-1) ?? 0) > (times[0] ?? 0)) return;
  refuse(context.at(['workload', 'trace']), {
    found: times.length < 2 ? 'one request' : 'all requests at one time',
    allowed: 'arrivals spread over time, to be scaled to a rate',
    hint: 'give workload.arrival to use only its lengths',
  });
}

/** Prompt and output lengths from one trace stay together as pairs. */
function pairedTrace({ prompt_length: prompt, output_length: output }: TrafficInput): string | null {
  const same =
    prompt?.distribution === 'trace' && output?.distribution === 'trace' && prompt.path === output.path;
  return same ? prompt.path : null;
}

function refuseLengthsBesideTrace(input: TrafficInput, context: RequestContext): void {
  for (const key of ['prompt_length', 'output_length'] as const) {
    if (input[key] === undefined) continue;
    refuse(context.at(['workload', key]), {
      found: 'a length beside workload.trace',
      allowed: 'lengths from one place: the trace, or distributions',
      hint: `delete workload.trace or workload.${key}`,
    });
  }
}

/** A trace with the same cached tokens for every request, where it has none of its own. */
function withCached(
  trace: Trace,
  cached: LengthInput | undefined,
  context: RequestContext,
): { readonly trace: Trace; readonly cachedPromptTokens?: number } {
  if (cached === undefined) return { trace };
  const where = context.at(['workload', 'cached_prompt_tokens']);
  if (cached.distribution !== 'fixed') {
    return refuse(where, {
      found: show(cached.distribution),
      allowed: 'one number, where the lengths come from a trace',
    });
  }
  if (trace.cachedPromptTokens.some((tokens) => tokens > 0)) {
    return refuse(where, {
      found: String(cached.value),
      allowed: 'nothing: the trace has cached tokens of its own',
    });
  }
  return { trace: withCachedTokens(trace, cached.value), cachedPromptTokens: cached.value };
}
