import type { PlanRequest } from '../../core/search/request';
import { withCachedTokens, withPrefixCaching } from '../../core/workload/cached-share';
import type { Lengths, Trace } from '../../core/workload/workload';
import type { ResolvedRequest } from '../ports/api';
import type { StoredTrace } from '../ports/records';

type TraceLengths = Extract<Lengths, { kind: 'trace' }>;

/** A resolved request as plain JSON: a trace is stored once, on its own, and named by its id. */
export function encodePlanRequest(request: PlanRequest): { json: ResolvedRequest; traceIds: string[] } {
  const { lengths } = request.workload;
  if (lengths.kind !== 'trace') return { json: request as ResolvedRequest, traceIds: [] };
  const { trace, ...asked } = lengths;
  const { id } = trace as StoredTrace;
  const json = { ...request, workload: { ...request.workload, lengths: { ...asked, traceId: id } } };
  return { json, traceIds: [id] };
}

/** Of an encoded request. */
export function traceIdOf(json: unknown): string | null {
  const { lengths } = (json as ResolvedRequest).workload;
  return lengths.kind === 'trace' ? lengths.traceId : null;
}

/** The request again; `trace` is the one it names, as it is stored. */
export function decodePlanRequest(json: unknown, trace: Trace | null): PlanRequest {
  return decode(json, (traceId, asked) => {
    if (trace === null) throw new Error(`the plan's trace ${traceId} is missing`);
    const { prefixCaching, cachedPromptTokens } = asked;
    const followed = withPrefixCaching(trace, prefixCaching ?? null);
    return cachedPromptTokens === undefined ? followed : withCachedTokens(followed, cachedPromptTokens);
  });
}

/**
 * The request with a stand-in for its trace, which differs where the traffic does and is not to be simulated: for whoever
 * only compares. The id, which is one for one content, stands for the requests.
 */
export const decodeForComparing = (json: unknown): PlanRequest =>
  decode(json, (traceId, asked) => {
    const codes = Int32Array.from(JSON.stringify([traceId, asked]), (character) => character.charCodeAt(0));
    return {
      name: traceId,
      arrivedAtS: new Float64Array(0),
      promptTokens: codes,
      outputTokens: codes,
      cachedPromptTokens: codes,
    };
  });

/** `traceOf` gives the trace of this id, following what was asked for. */
function decode(
  json: unknown,
  traceOf: (traceId: string, asked: Omit<TraceLengths, 'trace'>) => Trace,
): PlanRequest {
  const stored = json as ResolvedRequest;
  const { workload } = stored;
  if (workload.lengths.kind !== 'trace') return stored as PlanRequest;
  const { traceId, ...asked } = workload.lengths;
  return { ...stored, workload: { ...workload, lengths: { ...asked, trace: traceOf(traceId, asked) } } };
}
