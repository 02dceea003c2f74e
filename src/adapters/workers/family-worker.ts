import { parentPort } from 'node:worker_threads';
import { workerData } from 'piscina';
import { evaluateFamily } from '../../core/search/evaluate-family';
import type { Evaluation, Family } from '../../core/search/family';
import { createSampleSource } from '../../core/search/probe';
import type { WorkerInput } from './worker-input';

const { context, stopFlag } = workerData as WorkerInput;
const flag = new Int32Array(stopFlag);
const samplesFor = createSampleSource(context);

/** Piscina task: evaluates one family, telling the parent of each candidate as it is done. */
export default function run(family: Family): Evaluation[] {
  return evaluateFamily(context, family, samplesFor, {
    onDone: (evaluation) => parentPort!.postMessage(evaluation),
    stop: () => Atomics.load(flag, 0) !== 0,
  });
}
