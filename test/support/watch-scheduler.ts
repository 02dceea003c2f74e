import type { Lane } from '../../src/core/engine/lane';
import type { Replica, Scheduler } from '../../src/core/engine/replica';
import type { EngineCase } from './random-case';

/** What a scheduler did over a run, and every promise it broke. */
export interface Watched {
  readonly replicas: Set<Replica>;
  readonly broken: string[];
  prefillTokens: number;
}

/** The same scheduler, with every batch it makes checked against what it promises. */
export function watchScheduler(c: EngineCase): {
  watched: Watched;
  watch: (scheduler: Scheduler) => Scheduler;
} {
  const watched: Watched = { replicas: new Set(), broken: [], prefillTokens: 0 };
  const before = new Map<Replica, { nowMs: number; index: number }>();
  const watch = (scheduler: Scheduler): Scheduler => ({
    ...scheduler,
    schedule(replica, lane) {
      const last = before.get(replica) ?? { nowMs: 0, index: -1 };
      const preemptions = replica.totals.preemptions;
      const withDecodes = scheduler.schedule(replica, lane) && lane.decoding > 0;
      const fault = (what: string, wrong: boolean) => {
        if (wrong) watched.broken.push(what);
      };
      const chunks = Array.from({ length: lane.chunks }, (_, i) => i);
      const newTokens = chunks.reduce((sum, i) => sum + lane.chunkTokens[i]!, 0);
      watched.replicas.add(replica);
      watched.prefillTokens += newTokens;
      // `nowMs` is private to the event loop; the test only reads it.
      const { nowMs } = replica as unknown as { nowMs: number };
      fault('the clock went back', nowMs < last.nowMs);
      fault('more requests running than max_batch_size', replica.running > c.maxBatchSize);
      fault('KV over capacity', replica.kv.used > replica.kv.total);
      fault(
        'an empty chunk',
        chunks.some((i) => lane.chunkTokens[i]! <= 0),
      );
      checkBudget(c, lane, { newTokens, withDecodes, preemptions: replica.totals.preemptions }, fault);
      checkKind(c, lane, withDecodes, replica.totals.preemptions > preemptions, fault);
      // In a pipeline, batches in flight may hold the blocks that the next token needs.
      const room = c.pipelineParallel === 1 || replica.freeAfterDecodes(lane) >= 0;
      fault('decodes stalled', isChunked(c) && lane.decoding > 0 && !withDecodes && room);
      before.set(replica, { nowMs, index: checkOrder(replica, lane, last.index, fault) });
      return withDecodes;
    },
  });
  return { watched, watch };
}

type Fault = (what: string, wrong: boolean) => void;

function checkBudget(
  c: EngineCase,
  lane: Lane,
  batch: { newTokens: number; withDecodes: boolean; preemptions: number },
  fault: Fault,
): void {
  const tokens = batch.newTokens + (batch.withDecodes ? lane.decoding : 0);
  if (c.scheduler === 'vllm') fault('more than max_batched_tokens in a batch', tokens > c.maxBatchedTokens);
  else if (c.scheduler === 'sarathi') fault('more than chunk_size tokens in a batch', tokens > c.chunkTokens);
  else {
    // A request to be computed again may have grown beyond the budget: it then goes alone.
    const alone = lane.chunks === 1 && batch.preemptions > 0;
    fault('prompts over max_batched_tokens', batch.newTokens > c.maxBatchedTokens && !alone);
  }
}

const isChunked = ({ scheduler }: EngineCase): boolean => scheduler === 'sarathi' || scheduler === 'vllm';

function checkKind(c: EngineCase, lane: Lane, withDecodes: boolean, preempted: boolean, fault: Fault): void {
  const pure = c.scheduler === 'vllm-v0' || c.scheduler === 'faster-transformer';
  fault('prefill and decodes in one batch', pure && withDecodes && lane.chunks > 0);
  fault(
    'a request joined a static batch',
    c.scheduler === 'faster-transformer' && lane.chunks > 0 && lane.decoding > 0,
  );
  const reserves = c.scheduler === 'orca' || c.scheduler === 'faster-transformer';
  fault('preempted though KV is reserved', reserves && preempted);
}

/** First come first served: requests are first scheduled in order of arrival. Returns the latest one so far. */
function checkOrder(replica: Replica, lane: Lane, latest: number, fault: Fault): number {
  const { requests } = replica;
  let index = latest;
  for (let i = 0; i < lane.chunks; i++) {
    const slot = lane.chunkSlots[i]!;
    const isNew =
      requests.preemptions[slot] === 0 && requests.prefilled[slot] === requests.cachedTokens[slot];
    if (!isNew) continue;
    fault('scheduled before one that came earlier', requests.index[slot]! < index);
    index = Math.max(index, requests.index[slot]!);
  }
  return index;
}
