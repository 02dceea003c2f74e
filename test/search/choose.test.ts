import fc from 'fast-check';
import { totalGpus } from '../../src/core/engine/deployment';
import { choose } from '../../src/core/search/choose';
import { OBJECTIVES } from '../../src/core/search/request';
import { CANDIDATE_STATUSES, type CandidateResult } from '../../src/core/search/result';
import { rejected, served } from '../support/plan-fixture';
import { holds } from '../support/property';

const isServed = (c: CandidateResult) => c.status === 'FEASIBLE' || c.status === 'CAPPED';
const hourly = (c: CandidateResult) => c.cost!.costPerHourUsd;

/** Plans of up to 12 candidates of few prices and loads, so that ties are common. */
const plans = fc
  .array(
    fc.record({
      status: fc.constantFrom(...CANDIDATE_STATUSES, 'FEASIBLE' as const, 'FEASIBLE' as const),
      qps: fc.integer({ min: 1, max: 12 }),
      replicas: fc.constantFrom(1, 2, 4),
      gpuId: fc.constantFrom('a100-80gb', 'h100-sxm', 't4'),
      spread: fc.constantFrom(0, 0.05, 0.3),
      priced: fc.constantFrom(true, true, true, false),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((p, i) => candidate(i + 1, p)));

function candidate(
  id: number,
  p: {
    status: CandidateResult['status'];
    qps: number;
    replicas: number;
    gpuId: string;
    spread: number;
    priced: boolean;
  },
): CandidateResult {
  const deployment = { gpuId: p.gpuId, numReplicas: p.replicas };
  const interval = [p.qps * (1 - p.spread), p.qps * (1 + p.spread)] as const;
  const parts = { deployment, status: p.status, maxQpsInterval: interval };
  const found =
    p.status === 'FEASIBLE' || p.status === 'CAPPED'
      ? served(id, p.qps, parts)
      : { ...rejected(id, p.status, 'for a reason'), deployment: served(id, 1, { deployment }).deployment };
  return p.priced ? found : { ...found, cost: null };
}

test('the frontier is what no feasible candidate dominates', () => {
  holds(
    plans,
    (candidates) => {
      const { frontier } = choose(candidates, { kind: 'max_qps', targetQps: null });
      const feasible = candidates.filter((c) => isServed(c) && c.cost !== null);
      const dominates = (a: CandidateResult, b: CandidateResult) =>
        hourly(a) <= hourly(b) && a.maxQps! >= b.maxQps! && (hourly(a) < hourly(b) || a.maxQps! > b.maxQps!);
      const undominated = feasible.filter((b) => !feasible.some((a) => dominates(a, b)));
      const points = (list: readonly CandidateResult[]) =>
        [...new Set(list.map((c) => `${hourly(c)} ${c.maxQps}`))].sort();
      const chosen = frontier.map((id) => candidates[id - 1]!);
      expect(points(chosen)).toEqual(points(undominated));
      // One candidate for each point, by cost, with the load rising.
      expect(frontier).toHaveLength(points(undominated).length);
      for (let i = 1; i < chosen.length; i++) {
        expect(hourly(chosen[i]!)).toBeGreaterThan(hourly(chosen[i - 1]!));
        expect(chosen[i]!.maxQps!).toBeGreaterThan(chosen[i - 1]!.maxQps!);
      }
    },
    300,
  );
});

test('the best one has the best score, or ties with it and is cheaper, then smaller', () => {
  holds(
    fc.tuple(
      plans,
      fc.constantFrom(...OBJECTIVES),
      fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
    ),
    ([candidates, kind, target]) => {
      const targetQps = kind === 'min_cost' ? (target ?? 5) : target;
      const choice = choose(candidates, { kind, targetQps });
      const eligible = candidates.filter(
        (c) => isServed(c) && c.cost !== null && c.maxQps! >= (targetQps ?? 0),
      );
      if (eligible.length === 0) {
        expect([choice.best, choice.tied]).toEqual([null, []]);
        return;
      }
      const best = candidates[choice.best! - 1]!;
      expect(eligible).toContain(best);
      const score = (c: CandidateResult, qps = c.maxQps!) =>
        kind === 'min_cost' ? -hourly(c) : kind === 'max_qps' ? qps : qps / hourly(c);
      const top = Math.max(...eligible.map((c) => score(c)));
      // Those that may be as good: over the low end of the interval of one with the top score.
      const leaders = eligible.filter((c) => score(c) === top);
      const ties = eligible.filter((c) =>
        leaders.some(
          (leader) => score(c) >= (kind === 'min_cost' ? top : score(leader, leader.maxQpsInterval![0])),
        ),
      );
      expect(ties).toContain(best);
      for (const rival of ties) {
        const cheaper =
          hourly(best) - hourly(rival) || totalGpus(best.deployment) - totalGpus(rival.deployment);
        expect(cheaper).toBeLessThanOrEqual(0);
      }
      const overlaps = (c: CandidateResult) =>
        kind === 'min_cost'
          ? hourly(c) === hourly(best)
          : score(c, c.maxQpsInterval![0]) <= score(best, best.maxQpsInterval![1]) &&
            score(best, best.maxQpsInterval![0]) <= score(c, c.maxQpsInterval![1]);
      const tied = eligible.filter((c) => c !== best && overlaps(c));
      expect([...choice.tied].sort((a, b) => a - b)).toEqual(tied.map((c) => c.configId));
    },
    500,
  );
});

test('the budget option is the cheapest, the premium one serves most', () => {
  holds(
    plans,
    (candidates) => {
      const { budget, premium } = choose(candidates, { kind: 'max_qps_per_dollar', targetQps: null });
      const feasible = candidates.filter((c) => isServed(c) && c.cost !== null);
      if (feasible.length === 0) return expect([budget, premium]).toEqual([null, null]);
      expect(hourly(candidates[budget! - 1]!)).toBe(Math.min(...feasible.map(hourly)));
      expect(candidates[premium! - 1]!.maxQps).toBe(Math.max(...feasible.map((c) => c.maxQps!)));
    },
    200,
  );
});

test('a candidate that failed, or meets no target, is never chosen', () => {
  const candidates = CANDIDATE_STATUSES.filter((s) => s !== 'FEASIBLE' && s !== 'CAPPED').map(
    (status, i) => ({
      ...served(i + 1, 100),
      status,
    }),
  );
  for (const kind of OBJECTIVES) {
    const nothing = { best: null, tied: [], budget: null, premium: null, frontier: [] };
    expect(choose(candidates, { kind, targetQps: kind === 'min_cost' ? 1 : null })).toEqual(nothing);
  }
});
