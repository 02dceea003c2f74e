import fc from 'fast-check';
import { couldWin, surelyEligible } from '../../src/core/rerank/certainty';
import type { Reranked } from '../../src/core/rerank/rerank-candidate';
import { choose } from '../../src/core/search/choose';
import { OBJECTIVES, type PlanRequest } from '../../src/core/search/request';
import { REQUEST, served } from '../support/plan-fixture';
import { holds } from '../support/property';

const requestOf = (
  kind: PlanRequest['objective']['kind'],
  targetQps: number | null,
  minQps: number | null,
) => ({
  ...REQUEST,
  rateRangeQps: [1, 40] as const,
  constraints: { ...REQUEST.constraints, minQps },
  objective: { kind, targetQps },
});

interface Open {
  readonly low: number;
  readonly width: number;
  readonly at: number;
  readonly replicas: number;
  readonly spread: number;
  readonly kind: 'decided' | 'open' | 'endless' | 'never simulated';
}

const sets = fc.array(
  fc.record({
    low: fc.integer({ min: 0, max: 12 }),
    width: fc.integer({ min: 1, max: 6 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    replicas: fc.constantFrom(1, 2, 4),
    spread: fc.constantFrom(0, 0.05, 0.2),
    kind: fc.constantFrom(
      'decided' as const,
      'decided' as const,
      'open' as const,
      'endless' as const,
      'never simulated' as const,
    ),
  }),
  { minLength: 1, maxLength: 8 },
);

/** What a bracket allows, by a share of it. */
function loadAt(o: Open, share: number): number {
  const end = o.kind === 'endless' || o.kind === 'never simulated' ? 40 : o.low + o.width;
  const from = o.kind === 'never simulated' ? 0 : o.low;
  return from + share * (end - from);
}

function rerankedOf(o: Open, id: number, request: PlanRequest): Reranked {
  // The guess is a load that is served; only a decided one can be none at all.
  const least = o.kind === 'decided' ? 0.01 : 0.02;
  const maxQps = Math.max(loadAt(o, o.kind === 'endless' ? 0 : o.at), least);
  const candidate = withLoad(o, id, maxQps, request);
  if (o.kind === 'never simulated') {
    return {
      candidate: { ...candidate, status: 'NOT_EVALUATED', maxQps: null, samplingInterval: null },
      bracketQps: null,
      decided: false,
      needsSimulation: true,
    };
  }
  const bracketQps = [o.low, o.kind === 'endless' ? null : o.low + o.width] as const;
  return { candidate, bracketQps, decided: o.kind === 'decided', needsSimulation: false };
}

function withLoad(o: Open, id: number, maxQps: number, request: PlanRequest) {
  const { minQps } = request.constraints;
  return served(id, maxQps, {
    deployment: { numReplicas: o.replicas },
    samplingInterval: [maxQps * (1 - o.spread), maxQps * (1 + o.spread)],
    status: maxQps <= 0.01 ? 'INFEASIBLE' : minQps !== null && maxQps < minQps ? 'BELOW_MIN_QPS' : 'FEASIBLE',
  });
}

test('whatever the loads turn out to be, the recommendation is the one given or one that could win', () => {
  let certain = 0;
  let changed = 0;
  holds(
    fc.tuple(
      sets,
      fc.constantFrom(...OBJECTIVES),
      fc.option(fc.integer({ min: 1, max: 15 }), { nil: null }),
      fc.option(fc.integer({ min: 1, max: 8 }), { nil: null }),
      fc.array(fc.array(fc.constantFrom(0, 1, 0.2, 0.5, 0.8), { minLength: 8, maxLength: 8 }), {
        minLength: 12,
        maxLength: 12,
      }),
    ),
    ([set, kind, target, minQps, worlds]) => {
      const request = requestOf(kind, kind === 'min_cost' ? (target ?? 5) : target, minQps);
      const all = set.map((o, i) => rerankedOf(o, i + 1, request));
      const { best } = choose(
        all.map((r) => r.candidate),
        request.objective,
      );
      const rivals = couldWin(all, best, request);
      const winner = all.find((r) => r.candidate.configId === best);
      const sure = rivals.length === 0 && (winner === undefined || surelyEligible(winner, request));
      if (sure) certain++;
      for (const shares of worlds) {
        const world = set.map((o, i) => {
          if (o.kind === 'decided') return all[i]!.candidate;
          return withLoad(o, i + 1, Math.max(loadAt(o, shares[i]!), 0.01), request);
        });
        const winnerThere = choose(world, request.objective).best;
        if (winnerThere === best) continue;
        changed++;
        expect(sure).toBe(false);
        if (winnerThere !== null) expect(rivals).toContain(winnerThere);
      }
    },
    800,
  );
  expect(certain).toBeGreaterThan(40);
  expect(changed).toBeGreaterThan(200);
});

test('with every load known nothing could win; far behind, nothing could either', () => {
  const request = requestOf('max_qps', null, null);
  const open = (low: number, kind: Open['kind']): Open => ({
    low,
    width: 3,
    at: 0.5,
    replicas: 1,
    spread: 0.02,
    kind,
  });
  const of = (...list: Open[]) => list.map((o, i) => rerankedOf(o, i + 1, request));
  expect(couldWin(of(open(10, 'decided'), open(11, 'decided')), 2, request)).toEqual([]);
  expect(couldWin(of(open(10, 'open'), open(20, 'open')), 2, request)).toEqual([]);
  expect(couldWin(of(open(18, 'open'), open(20, 'open'), open(5, 'open')), 2, request)).toEqual([1]);
  expect(couldWin(of(open(5, 'endless'), open(20, 'open')), 2, request)).toEqual([1]);
});
