import type { NewProfile } from '../../app/ports/write-store';
import { toStoredJson } from './stored-json';

/** A profile as columns. Its id and its times are the database's. */
export function toProfileRow(
  { name, contentHash, profile, findings }: NewProfile,
  { workspaceId, version }: { readonly workspaceId: string; readonly version: number },
): Record<string, unknown> {
  const { prefill, decode, memory, notes } = profile;
  return {
    workspace_id: workspaceId,
    name,
    version,
    content_hash: contentHash,
    gpu_id: profile.gpuId,
    model_id: profile.modelId,
    tensor_parallel: profile.tensorParallel,
    kind: profile.kind,
    engine: profile.engine,
    dtype: profile.dtype,
    weight_bytes_per_param: profile.weightBytesPerParam,
    measured_on: profile.date,
    prefill_row_count: prefill.length,
    decode_row_count: decode.length,
    content: toStoredJson({ prefill, decode, memory, notes }),
    findings: toStoredJson(findings),
  };
}
