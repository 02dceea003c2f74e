import type { PlanRequest } from '../../core/search/request';
import type { Trace } from '../../core/workload/workload';
import type { StoredTrace } from '../ports/records';

/** A resolved request as plain JSON: a trace is stored once, on its own, and named by its id. */
export function encodePlanRequest(request: PlanRequest): { json: unknown; traceIds: string[] } {
  const { lengths } = request.workload;
  if (lengths.kind !== 'trace') return { json: request, traceIds: [] };
  const { id } = lengths.trace as StoredTrace;
  const json = { ...request, workload: { ...request.workload, lengths: { kind: 'trace', traceId: id } } };
  return { json, traceIds: [id] };
}

/** Of an encoded request. */
export const traceIdOf = (json: unknown): string | null => (json as Encoded).workload.lengths.traceId ?? null;

type Encoded = PlanRequest & { readonly workload: { readonly lengths: { readonly traceId?: string } } };

/** The request again; `trace` is the one it names. */
export function decodePlanRequest(json: unknown, trace: Trace | null): PlanRequest {
  const stored = json as Encoded;
  const traceId = traceIdOf(json);
  if (traceId === null) return stored;
  if (trace === null) throw new Error(`the plan's trace ${traceId} is missing`);
  return { ...stored, workload: { ...stored.workload, lengths: { kind: 'trace', trace } } };
}
