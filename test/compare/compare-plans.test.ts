import type { CandidateChange } from '../../src/core/compare/candidate-change';
import { comparePlans } from '../../src/core/compare/compare-plans';
import { bestOnGpu, type HistoryEntry, historyOf } from '../../src/core/compare/history';
import type { PlanInputs, PlanSnapshot } from '../../src/core/compare/snapshot';
import type { PlanResult } from '../../src/core/search/result';
import { smallPlan } from './small-plan';

const INPUTS: PlanInputs = {
  engineVersion: '1.0',
  priceBookVersion: '2026-09',
  catalogVersion: '2026-09',
  profiles: ['a100-80gb', 'h100-sxm', 'l40s'].map((gpuId) => ({
    gpuId,
    tensorParallel: 1,
    profileId: `${gpuId}/llama-2-7b/tp1/x`,
    contentHash: `${gpuId}-hash-of-contents`,
    scaled: false,
  })),
  calibrations: [],
};

const snapshot = (label: string, result: PlanResult, inputs: Partial<PlanInputs> = {}): PlanSnapshot => ({
  label,
  request: result.request,
  result,
  inputs: { ...INPUTS, ...inputs },
});

let base: PlanResult;
let otherGpu: PlanResult;
let tight: PlanResult;
let dear: PlanResult;
beforeAll(async () => {
  base = await smallPlan();
  otherGpu = await smallPlan({ config_space: { gpu_types: ['A100', 'L40S'] } });
  tight = await smallPlan({ constraints: { max_latency_p99_ms: 700 } });
  // The winner's GPU for much more, the other one for what an H100 is.
  const winner = base.candidates.find((c) => c.configId === base.best)!.deployment.gpuId;
  const prices = Object.fromEntries(
    base.request.space.gpuIds.map((gpuId) => [gpuId, gpuId === winner ? 50 : 6]),
  );
  dear = await smallPlan({ prices: { usd_per_gpu_hour: prices }, constraints: { max_cost_per_hour: 200 } });
}, 120_000);

const pairOf = (to: PlanSnapshot, from = snapshot('old', base)) => comparePlans([from, to]).pairs[0]!;
const codes = (pair: ReturnType<typeof pairOf>) => pair.winner.reasons.map((r) => `${r.code} ${r.of}`);

test('a plan against itself: nothing differs', () => {
  const same = comparePlans([snapshot('a', base), snapshot('b', base), snapshot('c', base)]);
  expect([same.inputs, same.winnerChanged, same.labels]).toEqual([[], false, ['a', 'b', 'c']]);
  expect(same.winners.map((w) => w!.configId)).toEqual([base.best, base.best, base.best]);
  for (const pair of same.pairs) {
    expect(pair.candidates).toHaveLength(base.candidates.length);
    expect(new Set(pair.candidates.map((c) => `${c.matchedBy} ${c.sentence}`))).toEqual(
      new Set(['deployment Unchanged.']),
    );
    expect([pair.onlyInFrom, pair.onlyInTo, pair.frontier, pair.winner.reasons]).toEqual([[], [], [], []]);
  }
});

test('relaunched on another GPU: matched in spite of it, with the GPU as the cause', () => {
  const pair = pairOf(snapshot('new', otherGpu));
  const [same, moved] = [
    pair.candidates.filter((c) => c.matchedBy === 'deployment'),
    pair.candidates.filter((c) => c.matchedBy === 'gpu'),
  ];
  expect(same.map((c) => c.from.deployment.gpuId)).toEqual(same.map(() => 'a100-80gb'));
  expect([same.length, moved.length, pair.onlyInFrom.length, pair.onlyInTo.length]).toEqual([8, 8, 0, 0]);
  for (const { from, to, qpsCauses, costCauses, sentence } of moved) {
    expect([from.deployment.gpuId, to.deployment.gpuId]).toEqual(['h100-sxm', 'l40s']);
    expect({ ...from.deployment, gpuId: '' }).toEqual({ ...to.deployment, gpuId: '' });
    expect([qpsCauses, costCauses]).toEqual([['config_space.gpu_types'], ['config_space.gpu_types']]);
    expect(sentence).toMatch(/^On l40s instead of h100-sxm; /);
  }
  expect(same.map((c) => c.sentence)).toEqual(same.map(() => 'Unchanged.'));
  expect(comparePlans([snapshot('old', base), snapshot('new', otherGpu)]).inputs).toEqual([
    expect.objectContaining({
      aspect: 'space',
      path: 'config_space.gpu_types',
      values: ['a100-80gb, h100-sxm', 'a100-80gb, l40s'],
    }),
  ]);
});

test('a GPU dropped from the space: only in the first plan, and why', async () => {
  const only = await smallPlan({ config_space: { gpu_types: ['A100'] } });
  const pair = pairOf(snapshot('new', only));
  expect(pair.onlyInTo).toEqual([]);
  expect(pair.onlyInFrom.map(({ reason }) => reason)).toEqual(
    Array(8).fill('gpu_types of new does not list h100-sxm'),
  );
  const back = pairOf(snapshot('old', base), snapshot('new', only));
  expect(back.onlyInTo).toHaveLength(8);
  const h100 = base.candidates.filter(
    (c) => base.frontier.includes(c.configId) && c.deployment.gpuId === 'h100-sxm',
  );
  const left = pair.frontier.filter((f) => f.kind === 'left' && f.to === null);
  expect(left.map((f) => f.from!.configId)).toEqual(h100.map((c) => c.configId));
});

test('tighter targets: load falls, through the target, which is what binds', () => {
  const pair = pairOf(snapshot('new', tight));
  const changed = pair.candidates.filter((c) => c.qpsBeyondIntervals);
  expect(changed.length).toBeGreaterThan(4);
  for (const { maxQpsRatio, qpsCauses, costCauses, costRatio, sentence } of changed) {
    expect(maxQpsRatio!).toBeLessThan(1);
    expect([qpsCauses, costCauses, costRatio]).toEqual([['constraints.max_latency_p99_ms'], [], 1]);
    expect(sentence).toMatch(/ax QPS .* → .* \(−.*through constraints\.max_latency_p99_ms\)\.$/);
  }
  const value = (c: CandidateChange) => c.targets.find((t) => t.metric === 'e2e')!;
  for (const c of changed) expect(value(c).toMs!).toBeLessThan(value(c).fromMs!);
  expect(pair.winner.from!.configId).toBe(base.best);
  expect(pair.winner.to!.configId).toBe(tight.best);
});

test('a dearer winner loses: its cost, through the price and not the book', () => {
  const pair = pairOf(snapshot('new', dear));
  const old = base.candidates.find((c) => c.configId === base.best)!;
  const now = dear.candidates.find((c) => c.configId === dear.best)!;
  expect(now.deployment.gpuId).not.toBe(old.deployment.gpuId);
  const change = pair.candidates.find((c) => c.from.configId === old.configId)!;
  const path = `prices.usd_per_gpu_hour.${old.deployment.gpuId}`;
  expect([change.maxQpsRatio, change.qpsCauses]).toEqual([1, []]);
  expect(change.costCauses).toEqual([path]);
  expect(pair.winner.changed).toBe(true);
  expect(codes(pair)[0]).toBe('cost-changed old');
  expect(pair.winner.reasons[0]!.causes).toEqual([path]);
  expect(pair.candidates.filter((c) => c.costRatio !== 1)).toHaveLength(16);
  expect(pair.frontier.some((f) => f.kind === 'moved' || f.kind === 'entered')).toBe(true);
});

test('the winner of each side is told with what turned, by where it can have come from', () => {
  // The same numbers with the loads of the old winner halved: as a slower profile would have it.
  const candidates = base.candidates.map((c) =>
    c.configId === base.best
      ? {
          ...c,
          maxQps: c.maxQps! / 2,
          samplingInterval: [c.samplingInterval![0] / 2, c.samplingInterval![1] / 2] as const,
          cost: { ...c.cost!, qpsPerDollar: c.cost!.qpsPerDollar! / 2 },
        }
      : c,
  );
  const winner = base.candidates.find((c) => c.configId === base.best)!;
  const { gpuId } = winner.deployment;
  const other = base.candidates.find((c) => c.status === 'FEASIBLE' && c.configId !== base.best)!;
  const slower: PlanResult = { ...base, candidates, best: other.configId };
  const profiles = INPUTS.profiles.map((p) => ({ ...p, contentHash: `new-${p.contentHash}` }));
  const pair = pairOf(snapshot('new', slower, { profiles }));
  expect(pair.winner.changed).toBe(true);
  expect(codes(pair)).toEqual(['qps-changed old']);
  expect(pair.winner.reasons[0]!.causes).toEqual([`profile ${gpuId} tp1`]);
  expect(pair.winner.sentence).toMatch(
    new RegExp(
      `^The recommendation changes from #${base.best}: .* to #${other.configId}: .*\\(−50%\\).*\\(through profile ${gpuId} tp1\\)\\.$`,
    ),
  );
  expect(pair.winner.oldIn!.maxQps).toBe(winner.maxQps! / 2);
});

test('another objective is a reason of its own; a stopped plan too', () => {
  const request = { ...base.request, objective: { kind: 'max_qps', targetQps: null } as const };
  const most = [...base.candidates].sort((a, b) => (b.maxQps ?? 0) - (a.maxQps ?? 0))[0]!;
  const fastest: PlanResult = { ...base, request, best: most.configId };
  const pair = pairOf(snapshot('new', fastest));
  expect(codes(pair)).toEqual(['objective-changed null']);
  expect(pair.winner.reasons[0]!.causes).toEqual(['objective.kind']);
  const stopped: PlanResult = {
    ...base,
    partial: true,
    best: null,
    frontier: [],
    candidates: base.candidates.map((c) => ({
      ...c,
      status: 'NOT_EVALUATED',
      reason: 'the search was stopped before this candidate',
      maxQps: null,
      samplingInterval: null,
      targets: [],
      cost: c.cost && { ...c.cost, qpsPerDollar: null },
    })),
  };
  const none = pairOf(snapshot('new', stopped));
  expect(codes(none)).toEqual(['not-evaluated old']);
  expect(none.winner.sentence).toMatch(
    /^No candidate can be recommended any more: #\d+ is NOT_EVALUATED in new/,
  );
  expect(none.frontier.map((f) => f.kind)).toEqual(base.frontier.map(() => 'left'));
});

test('longer requests give other engine settings: matched all the same', async () => {
  const longer = await smallPlan({
    workload: { prompt_length: { distribution: 'uniform', min: 100, max: 1000 } },
  });
  const pair = pairOf(snapshot('new', longer));
  expect(new Set(pair.candidates.map((c) => c.matchedBy))).toEqual(new Set(['settings']));
  expect(pair.candidates).toHaveLength(16);
  expect(pair.candidates[0]!.qpsCauses).toEqual(['workload.prompt_length.max']);
});

test('a number of plans that cannot be compared is refused', () => {
  expect(() => comparePlans([snapshot('a', base)])).toThrow(/2 to 4 plans/);
  expect(() => comparePlans(Array(5).fill(snapshot('a', base)))).toThrow(/not 5/);
});

const entry = (
  id: string,
  day: number,
  result: PlanResult,
  inputs: Partial<PlanInputs> = {},
): HistoryEntry => ({
  id,
  finishedAt: `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`,
  gpuId: 'a100-80gb',
  request: result.request,
  inputs: { ...INPUTS, ...inputs },
  best: bestOnGpu(result, 'a100-80gb'),
});

test('history: by time, each against the last one that asked the same, whatever other GPUs were asked for', () => {
  const history = historyOf([
    entry('dear', 4, dear),
    entry('first', 1, base),
    entry('tight', 2, tight),
    entry('other', 3, otherGpu, { engineVersion: '1.1' }),
  ]);
  expect(history.map((p) => p.id)).toEqual(['first', 'tight', 'other', 'dear']);
  const [first, tightPoint, other, dearPoint] = history;
  expect([first!.change, tightPoint!.change]).toEqual([null, null]);
  expect(other!.comparabilityKey).toBe(first!.comparabilityKey);
  // Its budget is another one.
  expect(dearPoint!.change).toBeNull();
  expect(other!.change).toMatchObject({
    against: 'first',
    maxQpsRatio: 1,
    costRatio: 1,
    qpsPerDollarRatio: 1,
    regression: false,
    sentence: 'Unchanged. Changed: engine_version 1.0 → 1.1.',
  });
  expect(new Set(history.map((p) => p.comparabilityKey)).size).toBe(3);
});

test('history: a fall beyond both intervals is a regression, one within them is not; so is a dearer price', async () => {
  const { best } = entry('x', 1, base);
  const scaled = (id: string, day: number, factor: number, usd = 1): HistoryEntry => ({
    ...entry(id, day, base),
    best: {
      ...best!,
      maxQps: best!.maxQps! * factor,
      samplingInterval: [best!.samplingInterval![0] * factor, best!.samplingInterval![1] * factor],
      cost: {
        ...best!.cost!,
        costPerHourUsd: best!.cost!.costPerHourUsd * usd,
        qpsPerDollar: (best!.cost!.qpsPerDollar! * factor) / usd,
      },
    },
  });
  const regressions = (entries: readonly HistoryEntry[]) =>
    historyOf(entries).map(({ change }) => (change === null ? null : change.regression));
  const noise = best!.samplingInterval![0] / best!.maxQps!;
  expect(
    regressions([scaled('a', 1, 1), scaled('b', 2, noise), scaled('c', 3, 0.2), scaled('d', 4, 1)]),
  ).toEqual([null, false, true, false]);
  expect(regressions([scaled('a', 1, 1), scaled('b', 2, 1, 2)])).toEqual([null, true]);
  expect(regressions([scaled('a', 1, 1), { ...scaled('b', 2, 1), best: null }])).toEqual([null, true]);
  expect(regressions([{ ...scaled('a', 1, 1), best: null }, scaled('b', 2, 1)])).toEqual([null, false]);
});
