import { totalGpus } from '../engine/deployment';
import type { CandidateResult, LoadPoint, PlanResult } from '../search/result';
import { quantileOf, targetLabel } from '../search/target-label';
import { candidateOf } from './candidates';
import { facts, list, paragraph, type Section, section, table } from './document';
import { formatMs, formatQps, formatUsd } from './format-number';
import { bindingLabel, deploymentLabel } from './names';
import { recommendationParagraphs, servedQps } from './recommendation';
import type { ReportContext } from './report-context';

/** Rows of a table that a person still reads; the JSON and the CSV have all. */
const MOST_ROWS = 12;

/** The recommended candidate among its rivals. */
export function choiceSections(best: CandidateResult, result: PlanResult, context: ReportContext): Section[] {
  return [
    alternativesSection(best, result),
    section('RECOMMENDATION', recommendationParagraphs(result, context).map(paragraph)),
    frontierSection(best, result),
    ...loadCurveSection(best, result),
  ];
}

function alternativesSection(best: CandidateResult, result: PlanResult): Section {
  const option = (id: number | null) => {
    const candidate = candidateOf(result, id);
    if (candidate === null || candidate === best) return 'the recommendation itself';
    const { targetQps } = result.request.objective;
    const short = targetQps !== null && (candidate.maxQps ?? 0) < targetQps;
    return inShort(candidate) + (short ? `; does not serve the target of ${formatQps(targetQps)} QPS` : '');
  };
  const tied = result.tied.filter((id) => id !== result.best).map((id) => candidateOf(result, id));
  const tiedNames = tied.slice(0, 5).map((c) => (c === null ? '' : inShort(c)));
  const more =
    tied.length > tiedNames.length
      ? [`and ${tied.length - tiedNames.length} more (see tied in the JSON)`]
      : [];
  const tiedBlocks =
    tied.length === 0
      ? []
      : [paragraph('Tied with the recommendation within its interval:'), list([...tiedNames, ...more])];
  return section('ALTERNATIVE CONFIGURATIONS', [
    facts('Budget Option', [['', option(result.budget)]]),
    facts('Premium Option', [['', option(result.premium)]]),
    ...tiedBlocks,
  ]);
}

/** `a10g (x2): 45 QPS @ $6.12/hr (7.39 QPS/$); #3, tp1 pp1, vllm, batch 64`, after the spec. */
function inShort(candidate: CandidateResult): string {
  const { configId, cost, deployment: d } = candidate;
  const money =
    cost === null ? '' : ` @ ${formatUsd(cost.costPerHourUsd)}/hr (${formatQps(cost.qpsPerDollar)} QPS/$)`;
  return (
    `${d.gpuId} (x${totalGpus(d)}): ${servedQps(candidate)} QPS${money}; ` +
    `#${configId}, tp${d.tensorParallel} pp${d.pipelineParallel}, ${d.scheduler}, batch ${d.maxBatchSize}`
  );
}

function frontierSection(best: CandidateResult, result: PlanResult): Section {
  const frontier = result.frontier.map((id) => candidateOf(result, id)).filter((c) => c !== null);
  const shown = thinned(frontier, MOST_ROWS, (c) => c === best);
  const rows = shown.map((c) => [
    `${c === best ? '▶ ' : ''}#${c.configId}`,
    deploymentLabel(c.deployment),
    `${c.status === 'CAPPED' ? '≥' : ''}${formatQps(c.maxQps)}`,
    c.cost === null ? 'n/a' : formatUsd(c.cost.costPerHourUsd),
    formatQps(c.cost?.qpsPerDollar ?? null),
  ]);
  const left = frontier.length - shown.length;
  return section('COST-THROUGHPUT FRONTIER', [
    table(['>Id', 'Deployment', '>QPS', '>$/h', '>QPS/$'], rows),
    ...(left > 0 ? [paragraph(`${left} more in between (see pareto_frontier in the JSON).`)] : []),
  ]);
}

function loadCurveSection(best: CandidateResult, result: PlanResult): Section[] {
  if (best.loadCurve.length === 0) return [];
  const { targets } = result.request.constraints;
  const columns =
    targets.length > 0 && targets.length <= 4
      ? targets
      : ([
          { metric: 'ttft', quantile: 0.95 },
          { metric: 'tbt', quantile: 0.99 },
          { metric: 'e2e', quantile: 0.99 },
        ] as const);
  const points = [...best.loadCurve].sort((a, b) => a.rateQps - b.rateQps);
  const shown = thinned(
    points,
    MOST_ROWS,
    (point) => point.verdict === 'pass' && point.rateQps === best.maxQps,
  );
  const rows = shown.map((point) => [
    formatQps(point.rateQps),
    ...columns.map((of) => `${formatMs(quantileOf(point, of))}${point.stoppedEarly ? '†' : ''}`),
    pointVerdict(point),
  ]);
  const early = shown.some((point) => point.stoppedEarly);
  return [
    section('LOAD CURVE', [
      table(['>QPS', ...columns.map((of) => `>${targetLabel(of)}`), 'Verdict'], rows),
      ...(early ? [paragraph('† stopped as soon as it was certain to fail: of the requests so far.')] : []),
    ]),
  ];
}

function pointVerdict(point: LoadPoint): string {
  if (point.verdict === 'pass') return '✓';
  return point.failedOn === null
    ? '✗'
    : `✗ ${point.failedOn === 'queue' ? 'queue grows' : bindingLabel(point.failedOn)}`;
}

/** At most `most` items, evenly chosen, with both ends and the one that `keep` names. */
function thinned<T>(items: readonly T[], most: number, keep: (item: T) => boolean): readonly T[] {
  if (items.length <= most) return items;
  const chosen = new Set<number>();
  for (let i = 0; i < most - 1; i++) chosen.add(Math.round((i * (items.length - 1)) / (most - 2)));
  const kept = items.findIndex(keep);
  if (kept >= 0) chosen.add(kept);
  return items.filter((_, index) => chosen.has(index));
}
