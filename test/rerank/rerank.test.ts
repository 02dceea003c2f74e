import { loadCatalog } from '../../src/app/load-catalog';
import type { PriceBook } from '../../src/core/cost/price-book';
import { rerank } from '../../src/core/rerank/rerank';
import type { PlanResult } from '../../src/core/search/result';
import { smallPlan } from '../compare/small-plan';

const { prices: BOOK } = loadCatalog();

let plan: PlanResult;
beforeAll(async () => {
  plan = await smallPlan();
}, 60_000);

const again = (changes: Parameters<typeof rerank>[0]['changes'], of: PlanResult = plan) =>
  rerank({ request: of.request, candidates: of.candidates, changes });

const choiceOf = ({ best, tied, budget, premium, frontier }: PlanResult) => ({
  best,
  tied,
  budget,
  premium,
  frontier,
});

test('without a change it says what the plan says', () => {
  const { candidates, choice, certain, couldWin, toSimulate, sentences } = again({});
  expect(choice).toEqual(choiceOf(plan));
  expect([certain, couldWin, toSimulate]).toEqual([true, [], []]);
  expect(candidates.filter((c) => c.wasBest).map((c) => c.configId)).toEqual([plan.best]);
  candidates.forEach((c, i) => {
    const {
      metrics: _m,
      loadCurve: _l,
      basis: _b,
      profile: _p,
      overhead: _o,
      memory: _y,
      samplingInterval: _samplingInterval,
      timeError: _timeError,
      calibrationId: _calibrationId,
      uncalibrated: _uncalibrated,
      ...stored
    } = plan.candidates[i]!;
    expect(c).toMatchObject(stored);
    expect(c.decided).toBe(true);
  });
  expect(sentences[0]).toMatch(/^Nothing is changed/);
  expect(sentences[1]).toMatch(/^The recommendation stays #/);
});

test('the same targets, prices and objective given once more change nothing either', () => {
  const { request } = plan;
  const { candidates, choice } = again({
    targets: [...request.constraints.targets].reverse(),
    prices: { selection: request.prices, book: BOOK },
    objective: request.objective,
  });
  expect(choice).toEqual(choiceOf(plan));
  expect(candidates.map((c) => [c.status, c.reason, c.maxQps, c.cost])).toEqual(
    plan.candidates.map((c) => [c.status, c.reason, c.maxQps, c.cost]),
  );
});

test('a new price book moves costs and the recommendation, exactly', async () => {
  const h100 = plan.candidates.find((c) => c.deployment.gpuId === 'h100-sxm')!;
  const cheap = again({
    prices: { selection: { ...plan.request.prices, usdPerGpuHour: { 'h100-sxm': 0.5 } }, book: BOOK },
  });
  const best = cheap.candidates.find((c) => c.configId === cheap.choice.best)!;
  expect(best.deployment.gpuId).toBe('h100-sxm');
  expect(best.cost!.costPerHourUsd).toBe(0.5 * best.deployment.numReplicas);
  expect(best.cost!.qpsPerDollar).toBeCloseTo(best.maxQps! / best.cost!.costPerHourUsd, 12);
  expect(cheap.certain).toBe(true);
  expect(cheap.sentences.join(' ')).toMatch(/1 price of your own/);
  // What a plan made with those prices says.
  const fresh = await smallPlan({ prices: { usd_per_gpu_hour: { H100: 0.5 } } });
  expect(cheap.choice).toEqual(choiceOf(fresh));
  expect(cheap.candidates.map((c) => [c.status, c.reason, c.cost])).toEqual(
    fresh.candidates.map((c) => [c.status, c.reason, c.cost]),
  );
  expect(h100.cost!.costPerHourUsd).toBeGreaterThan(0.5);
});

test('a GPU without a price is INVALID, with the reason', () => {
  const book: PriceBook = { ...BOOK, quotes: BOOK.quotes.filter((q) => q.gpuId !== 'a100-80gb') };
  const { candidates } = again({ prices: { selection: plan.request.prices, book } });
  const a100 = candidates.filter((c) => c.deployment.gpuId === 'a100-80gb');
  expect(new Set(a100.map((c) => c.status))).toEqual(new Set(['INVALID']));
  expect(a100[0]!.reason).toMatch(/^the price book has no on-demand price of a100-80gb/);
  expect([a100[0]!.cost, a100[0]!.maxQps]).toEqual([null, null]);
});

test('one that had no price and has one now was never simulated', async () => {
  const catalog = loadCatalog();
  const quotes = catalog.prices.quotes.filter((q) => q.gpuId !== 'h100-sxm');
  const unpriced = await smallPlan({}, { ...catalog, prices: { ...catalog.prices, quotes } });
  const h100 = unpriced.candidates.filter((c) => c.deployment.gpuId === 'h100-sxm');
  expect(new Set(h100.map((c) => c.status))).toEqual(new Set(['INVALID']));
  const priced = again({ prices: { selection: unpriced.request.prices, book: BOOK } }, unpriced);
  const now = priced.candidates.filter((c) => c.deployment.gpuId === 'h100-sxm');
  expect(now.map((c) => [c.status, c.needsSimulation, c.maxQps])).toEqual(
    now.map(() => ['NOT_EVALUATED', true, null]),
  );
});

test('budget and least load decide as a new plan does, where all was simulated', async () => {
  const changes = { maxCostPerHourUsd: 7, minQps: 8 };
  const fresh = await smallPlan({ constraints: { max_cost_per_hour: 7, min_qps: 8 } });
  const { candidates, choice } = again(changes);
  expect(choice).toEqual(choiceOf(fresh));
  expect(candidates.map((c) => [c.status, c.reason])).toEqual(
    fresh.candidates.map((c) => [c.status, c.reason]),
  );
  // And back again from the tighter plan: what was over the budget was never simulated.
  const back = again({ maxCostPerHourUsd: 20, minQps: null }, fresh);
  for (const [i, c] of back.candidates.entries()) {
    const was = fresh.candidates[i]!.status;
    if (was === 'OVER_BUDGET') expect([c.status, c.needsSimulation]).toEqual(['NOT_EVALUATED', true]);
    else expect([c.status, c.reason]).toEqual([plan.candidates[i]!.status, plan.candidates[i]!.reason]);
  }
  expect(back.sentences.join(' ')).toMatch(/within the new limits were never simulated/);
});

test('another objective chooses as a new plan does', async () => {
  const objective = { kind: 'max_qps', targetQps: null } as const;
  const fresh = await smallPlan({ objective: { kind: 'max_qps' } });
  expect(again({ objective }).choice).toEqual(choiceOf(fresh));
});

test('looser targets leave the end open and say so; the plan as it was stays possible', () => {
  const { targets } = plan.request.constraints;
  const looser = targets.map((t) => ({ ...t, limitMs: t.limitMs * 3 }));
  const { candidates, sentences } = again({ targets: looser });
  const open = candidates.filter((c) => !c.decided);
  expect(open.length).toBeGreaterThan(0);
  for (const c of open) {
    expect(c.bracketQps![0]).toBe(c.stored.maxQps);
    expect(c.maxQps!).toBeGreaterThanOrEqual(c.stored.maxQps!);
  }
  expect(sentences[0]).toBe('Changed: TTFT p95 from 400 ms to 1.2 s; latency p99 from 1.5 s to 4.5 s.');
  expect(sentences.join(' ')).toMatch(/between two simulated rates/);
});

test('where the queue bound a candidate, looser targets give it nothing: that is known without simulating', async () => {
  const free = await smallPlan({ constraints: { max_ttft_p95_ms: 1e6, max_latency_p99_ms: 1e6 } });
  const bound = free.candidates.filter((c) => c.binding === 'queue' && c.status === 'FEASIBLE');
  expect(bound.length).toBeGreaterThan(0);
  const none = again({ targets: [] }, free);
  for (const stored of bound) {
    const c = none.candidates.find(({ configId }) => configId === stored.configId)!;
    expect([c.status, c.maxQps, c.maxQpsInterval, c.decided]).toEqual([
      'FEASIBLE',
      stored.maxQps,
      stored.maxQpsInterval,
      true,
    ]);
    expect(c.bracketQps![1]! / c.maxQps!).toBeLessThan(1.0101);
    expect(c.binding).toBe('queue');
  }
});
