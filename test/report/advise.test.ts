import fc from 'fast-check';
import { type Advice, adviseWhenNothingFits } from '../../src/core/report/advise';
import { targetKey } from '../../src/core/report/names';
import type { CandidateResult, PlanResult } from '../../src/core/search/result';
import {
  CONTEXT,
  feasiblePlan,
  infeasible,
  nothingFitsPlan,
  plan,
  REQUEST,
  rejected,
  served,
} from '../support/plan-fixture';

const WITHOUT_MIN_QPS = { ...REQUEST, constraints: { ...REQUEST.constraints, minQps: null } };

function adviceOn(key: string, advice: readonly Advice[]): Advice[] {
  return advice.filter(({ changes }) => changes.length === 1 && changes.some((change) => change.key === key));
}

/** How many candidates an INFEASIBLE-only relaxation lets in, counted from the outcomes and nothing else. */
function countAdmitted(result: PlanResult, advice: Advice): number {
  const limits = new Map(advice.changes.map(({ key, to }) => [key, Number(to)]));
  return result.candidates.filter((c) =>
    c.targets.every((o) => o.valueMs <= (limits.get(targetKey(o.target)) ?? o.target.limitMs)),
  ).length;
}

test('a plan with a recommendation gets no advice', () => {
  expect(adviseWhenNothingFits(feasiblePlan(), CONTEXT.gpus)).toEqual([]);
});

test('a plan without candidates gets none either', () => {
  expect(adviseWhenNothingFits(plan([]), CONTEXT.gpus)).toEqual([]);
});

test('relaxes one limit to a round value that admits the candidates that miss only that one', () => {
  const candidates = [2312.4, 2389.9, 2400, 2400.1, 3100.5].map((ttft, i) =>
    infeasible(i + 1, { ttft, tbt: 88, e2e: 9000 }),
  );
  const advice = adviseWhenNothingFits(plan(candidates, { request: WITHOUT_MIN_QPS }));
  expect(advice.map(({ changes, admits, certain }) => ({ changes, admits, certain }))).toEqual([
    { changes: [{ key: 'max_ttft_p95_ms', from: 2000, to: 2400 }], admits: 3, certain: true },
  ]);
});

test('offers a wider relaxation where it admits more', () => {
  const candidates = [2050, 2900, 2950, 9000].map((ttft, i) =>
    infeasible(i + 1, { ttft, tbt: 88, e2e: 9000 }),
  );
  const advice = adviseWhenNothingFits(plan(candidates, { request: WITHOUT_MIN_QPS }));
  expect(advice.map(({ changes, admits }) => [changes[0]?.to, admits])).toEqual([
    [2100, 1],
    [2900, 2],
  ]);
});

test('combines limits where no single one admits a candidate', () => {
  const candidates = [
    infeasible(1, { ttft: 2100.5, tbt: 203, e2e: 9100 }),
    infeasible(2, { ttft: 5000, tbt: 900, e2e: 9100 }),
  ];
  const [first, ...others] = adviseWhenNothingFits(plan(candidates, { request: WITHOUT_MIN_QPS }));
  expect(first?.changes).toEqual([
    { key: 'max_ttft_p95_ms', from: 2000, to: 2200 },
    { key: 'max_tbt_p99_ms', from: 200, to: 210 },
  ]);
  expect(first?.admits).toBe(1);
  expect(others).toEqual([]);
});

test('does not promise min_qps when targets were only seen at the lowest rate', () => {
  const [first] = adviseWhenNothingFits(plan([infeasible(1, { ttft: 2300, tbt: 88, e2e: 9000 })]));
  expect(first?.certain).toBe(false);
  expect(first?.sentence).toContain('min_qps 10');
});

test('never relaxes a latency limit for candidates that saturate or never finish', () => {
  const candidates = [
    infeasible(1, { ttft: 900, tbt: 88, e2e: 9000 }, { binding: 'queue' }),
    infeasible(2, { ttft: 900, tbt: 88, e2e: Number.POSITIVE_INFINITY }),
  ];
  const keys = adviseWhenNothingFits(plan(candidates)).flatMap(({ changes }) =>
    changes.map(({ key }) => key),
  );
  expect(keys).toEqual(['arrival_rate_range']);
});

test('names the budget that the cheapest candidate needs', () => {
  const over = rejected(1, 'OVER_BUDGET', 'too dear', {
    deployment: { gpuId: 'h100-sxm', tensorParallel: 2, numReplicas: 8 },
  });
  const [unknown] = adviceOn('max_cost_per_hour', adviseWhenNothingFits(plan([over])));
  expect(unknown).toMatchObject({ changes: [{ from: 60, to: 120 }], admits: 1, certain: false });
  const proven = served(2, 140, {
    status: 'OVER_BUDGET',
    reason: 'too dear',
    deployment: { gpuId: 'h100-sxm', numReplicas: 10 },
  });
  const [known] = adviceOn('max_cost_per_hour', adviseWhenNothingFits(plan([over, proven])));
  expect(known).toMatchObject({ changes: [{ from: 60, to: 69 }], admits: 1, certain: true });
});

test('lowers min_qps to what is reached, or adds replicas', () => {
  const below = served(1, 7.36, {
    status: 'BELOW_MIN_QPS',
    reason: 'too little',
    deployment: { numReplicas: 2 },
  });
  const advice = adviseWhenNothingFits(plan([below]));
  expect(adviceOn('min_qps', advice)).toMatchObject([
    { changes: [{ from: 10, to: 7.3 }], admits: 1, certain: true },
  ]);
  expect(adviceOn('num_replicas', advice)).toMatchObject([{ changes: [{ from: 2, to: 3 }], certain: false }]);
});

test('lowers the load of min_cost where every candidate is feasible but too small', () => {
  const request = { ...REQUEST, objective: { kind: 'min_cost', targetQps: 80 } } as const;
  const advice = adviseWhenNothingFits(plan([served(1, 43.72)], { request }));
  expect(adviceOn('target_qps', advice)).toMatchObject([{ changes: [{ from: 80, to: 43 }], admits: 1 }]);
});

test('names the degree at which the weights fit, unless a candidate of that GPU did fit', () => {
  const advice = adviseWhenNothingFits(nothingFitsPlan(), CONTEXT.gpus);
  expect(adviceOn('tensor_parallel', advice)).toMatchObject([{ changes: [{ from: 1, to: 2 }] }]);
  expect(adviceOn('tensor_parallel', advice)[0]?.sentence).toContain('1.78 GB');
  const fits = infeasible(
    99,
    { ttft: 2300, tbt: 88, e2e: 9000 },
    { deployment: { gpuId: 't4', tensorParallel: 2 } },
  );
  const withFitting = plan([...nothingFitsPlan().candidates, fits]);
  expect(adviceOn('tensor_parallel', adviseWhenNothingFits(withFitting, CONTEXT.gpus))).toEqual([]);
});

test('names GPUs that are faster than all that were searched', () => {
  const candidate = infeasible(1, { ttft: 900, tbt: 240, e2e: 9000 }, { deployment: { gpuId: 'h100-sxm' } });
  const advice = adviseWhenNothingFits(plan([candidate]), CONTEXT.gpus);
  expect(adviceOn('gpu_types', advice)).toMatchObject([{ changes: [{ to: 'h200-sxm' }] }]);
});

test('is sorted by relative size, and every latency limit it gives admits exactly what it says', () => {
  const ms = fc.double({ min: 1, max: 50_000, noNaN: true });
  const values = fc.record({ ttft: ms, tbt: ms, e2e: ms });
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 15 }), (all) => {
      const candidates: CandidateResult[] = all
        .map((each, i) => infeasible(i + 1, each))
        .filter(({ targets }) => targets.some(({ met }) => !met));
      const result = plan(candidates, { request: WITHOUT_MIN_QPS });
      const advice = adviseWhenNothingFits(result);
      expect(advice.length > 0).toBe(candidates.length > 0);
      const sizes = advice.map(({ relativeChange }) => relativeChange ?? Number.MAX_VALUE);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
      for (const each of advice) {
        expect(each.admits).toBeGreaterThan(0);
        expect(countAdmitted(result, each)).toBe(each.admits);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});
