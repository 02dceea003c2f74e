import type { PlanContext } from '../../core/search/family';
import type { PrefixHashes } from '../../core/workload/prefix-hashes';
import type { Trace } from '../../core/workload/workload';

/** The context with the columns of its trace in shared memory: threads then read one copy instead of being sent their own. */
export function shareTrace(context: PlanContext): PlanContext {
  const { lengths } = context.workload;
  if (lengths.kind !== 'trace') return context;
  const { trace } = lengths;
  const shared: Trace = {
    name: trace.name,
    arrivedAtS: doubles(trace.arrivedAtS),
    promptTokens: integers(trace.promptTokens),
    outputTokens: integers(trace.outputTokens),
    cachedPromptTokens: integers(trace.cachedPromptTokens),
    ...(trace.hashes === undefined ? {} : { hashes: shareHashes(trace.hashes) }),
  };
  return { ...context, workload: { ...context.workload, lengths: { ...lengths, trace: shared } } };
}

const shareHashes = (hashes: PrefixHashes): PrefixHashes => ({
  ...hashes,
  blocks: integers(hashes.blocks),
  starts: integers(hashes.starts),
});

function doubles(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function integers(values: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
