import { SCHEDULERS } from '../../src/core/engine/deployment';
import { holds } from '../support/property';
import { type EngineCase, randomCase } from '../support/random-case';
import { type CaseRun, runCase, timesOf } from '../support/run-case';
import { type Watched, watchScheduler } from '../support/watch-scheduler';

describe.each(SCHEDULERS)('%s', (scheduler) => {
  test.each([false, true])('keeps its promises in every batch (plain stepping: %s)', (plainStepping) => {
    holds(
      randomCase(scheduler),
      (c) => {
        const { watched, watch } = watchScheduler(c);
        const ran = runCase(c, { plainStepping, watch });
        expect(watched.broken).toEqual([]);
        checkEnd(c, ran, watched);
      },
      100,
    );
  });

  test('tells every request a possible story', () => {
    holds(randomCase(scheduler), (c) => checkStories(c, runCase(c)), 150);
  });

  test('gives the same result twice', () => {
    holds(randomCase(scheduler), (c) => expect(outcomeOf(runCase(c))).toEqual(outcomeOf(runCase(c))), 50);
  });
});

test('a pipeline that is short of KV comes to an end: the oldest request always gets on', () => {
  const tight = randomCase('vllm').map((c) => ({
    ...c,
    pipelineParallel: 2,
    numReplicas: 1,
    maxBatchedTokens: 40,
    numBlocks: Math.ceil((c.maxModelTokens * 1.05) / c.blockTokens),
  }));
  holds(tight, (c) => expect(runCase(c).run.unfinished).toBe(0), 150);
});

/** All that a run tells, to the last bit. */
function outcomeOf({ run, log }: CaseRun) {
  const { recorder, ...rest } = run;
  const sketches = [recorder.ttft, recorder.tbt, recorder.tpot, recorder.e2e, recorder.schedulingDelay];
  return { log, rest, completed: recorder.completed, latencies: sketches.map((sketch) => sketch.summary()) };
}

/** All is given back, and what went through the model is what the requests asked for. */
function checkEnd(c: EngineCase, { run }: CaseRun, watched: Watched): void {
  for (const { kv, outstanding, running, waiting } of watched.replicas) {
    expect({ used: kv.used, outstanding, running, waiting: waiting.length }).toEqual({
      used: 0,
      outstanding: 0,
      running: 0,
      waiting: 0,
    });
  }
  const { recorder, totals } = run;
  expect(recorder.completed + recorder.rejected).toBe(c.trace.promptTokens.length);
  expect(run.unfinished).toBe(0);
  expect(recorder.e2e.count).toBe(recorder.ttft.count);
  const { asked, gaps } = tokensAsked(c);
  expect(recorder.tbt.count).toBe(gaps);
  expect(totals.tokens).toBeGreaterThanOrEqual(asked);
  if (totals.preemptions === 0) expect(totals.tokens).toBe(asked);
  expect(run.kvPeak).toBeLessThanOrEqual(1);
  expect(run.peakRunning).toBeLessThanOrEqual(c.maxBatchSize);
  if (c.pipelineParallel === 1)
    expect(totals.busyMs).toBeLessThanOrEqual(run.simulatedMs * c.numReplicas * (1 + 1e-9));
}

/** Tokens that the accepted requests need to have computed, and the gaps between the tokens they get. */
function tokensAsked(c: EngineCase): { asked: number; gaps: number } {
  let asked = 0;
  let gaps = 0;
  for (let i = 0; i < c.trace.promptTokens.length; i++) {
    if (isRefused(c, i)) continue;
    const prompt = c.trace.promptTokens[i]!;
    const cached = Math.min(c.trace.cachedPromptTokens[i]!, prompt - 1);
    asked += prompt - cached + c.trace.outputTokens[i]! - 1;
    gaps += c.trace.outputTokens[i]! - 1;
  }
  return { asked, gaps };
}

function isRefused(c: EngineCase, i: number): boolean {
  const prompt = c.trace.promptTokens[i]!;
  const tokens = prompt + c.trace.outputTokens[i]!;
  const wholePrompts = c.scheduler !== 'vllm' && c.scheduler !== 'sarathi';
  const reserves = c.scheduler === 'orca' || c.scheduler === 'faster-transformer';
  const keepsBack = c.scheduler === 'vllm-v0' || c.scheduler === 'sarathi';
  const blocks = Math.ceil((reserves ? c.maxModelTokens : tokens) / c.blockTokens);
  const available = c.numBlocks - (keepsBack ? Math.ceil(c.watermark * c.numBlocks) : 0);
  return tokens > c.maxModelTokens || (wholePrompts && prompt > c.maxBatchedTokens) || blocks > available;
}

function checkStories(c: EngineCase, { run, log }: CaseRun): void {
  const times = timesOf(c);
  const fastestStepMs = Math.min(times.decodeMs(1, 0), times.mixedMs(1, 0, 1, 0)) * c.pipelineParallel;
  let previousFirstMs = 0;
  for (let i = 0; i < c.trace.promptTokens.length; i++) {
    const [ttft, tpot, e2e] = [log.ttftMs[i]!, log.tpotMs[i]!, log.e2eMs[i]!];
    const output = c.trace.outputTokens[i]!;
    if (Number.isNaN(e2e) !== isRefused(c, i))
      throw new Error(`request ${i}: ${isRefused(c, i) ? 'served' : 'not served'}`);
    if (Number.isNaN(e2e)) continue;
    const possible =
      ttft >= c.overhead.requestMs &&
      ttft <= e2e &&
      e2e * (1 + 1e-9) >= c.overhead.requestMs + (output - 1) * fastestStepMs &&
      (output === 1 ? Number.isNaN(tpot) : Math.abs(tpot - (e2e - ttft) / (output - 1)) < 1e-9 * e2e);
    if (!possible) throw new Error(`request ${i}: TTFT ${ttft}, TPOT ${tpot}, e2e ${e2e}, ${output} tokens`);
    // First come first served: on one replica without extra steps, first tokens come in order of arrival. In a
    // pipeline a short prompt may pass a long one's chunks.
    if (c.numReplicas > 1 || c.overhead.firstTokenExtraSteps > 0 || c.pipelineParallel > 1) continue;
    const firstMs = c.trace.arrivedAtS[i]! * 1e3 + ttft;
    if (firstMs < previousFirstMs - 1e-6)
      throw new Error(`request ${i} was served before one that came earlier`);
    previousFirstMs = firstMs;
  }
  const { ttft, e2e } = run.recorder;
  for (const q of [0.5, 0.99])
    if (ttft.count > 0) expect(ttft.quantile(q)).toBeLessThanOrEqual(e2e.quantile(q));
}
