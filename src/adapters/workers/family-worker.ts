import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import { evaluateFamily } from '../../core/search/evaluate-family';
import type { PlanContext } from '../../core/search/family';
import { createSampleSource, type SampleSource } from '../../core/search/probe';
import type { FamilyMessage, FamilyOutcome, FamilyTask } from './family-task';

/** Requests of the plan this thread worked on last: its next task is likely of the same one. */
let made: { readonly contextKey: string; readonly samplesFor: SampleSource } | null = null;

/** Piscina task: evaluates one family, telling the parent of each candidate as it is done. */
export default function run({ contextKey, context, family, stopFlag }: FamilyTask): FamilyOutcome {
  const startedMs = performance.now();
  const flag = stopFlag === null ? null : new Int32Array(stopFlag);
  const evaluations = evaluateFamily(context, family, samplesOf(contextKey, context), {
    onDone: (evaluation) => parentPort!.postMessage({ contextKey, evaluation } satisfies FamilyMessage),
    stop: () => flag !== null && Atomics.load(flag, 0) !== 0,
  });
  return { evaluations, busyS: (performance.now() - startedMs) / 1e3 };
}

function samplesOf(contextKey: string, context: PlanContext): SampleSource {
  if (made?.contextKey !== contextKey) made = { contextKey, samplesFor: createSampleSource(context) };
  return made.samplesFor;
}
