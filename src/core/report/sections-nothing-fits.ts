import type { PlanResult } from '../search/result';
import { targetLabel } from '../search/target-label';
import { adviseWhenNothingFits } from './advise';
import { listShortfalls } from './advise-targets';
import { type Block, list, paragraph, type Section, section, table } from './document';
import { formatMs, plural } from './format-number';
import { deploymentLabel, targetKey } from './names';
import { noneFitsSentence } from './recommendation';
import type { ReportContext } from './report-context';

/** Advice shown to a person; the JSON has all. */
const MOST_ADVICE = 10;

/** In place of a recommendation: what stands in the way, and what would help, from this plan's numbers. */
export function nothingFitsSections(result: PlanResult, context: ReportContext): Section[] {
  const advice = adviseWhenNothingFits(result, context.gpus);
  const [first, ...others] = advice.slice(0, MOST_ADVICE);
  const left = advice.length - MOST_ADVICE;
  const help: Block[] =
    first === undefined
      ? [paragraph('No change of one limit can be derived from these candidates: see the reasons below.')]
      : [
          paragraph(`The smallest change that ${first.certain ? 'helps' : 'may help'}: ${first.sentence}`),
          ...(others.length > 0
            ? [
                paragraph('Or:'),
                list(
                  others.map(({ sentence }) => sentence),
                  { ordered: true },
                ),
              ]
            : []),
          ...(left > 0 ? [paragraph(`${plural(left, 'larger change')} more: see advice in the JSON.`)] : []),
        ];
  return [
    section('NO CONFIGURATION FITS', [
      paragraph(`${noneFitsSentence(result)} Nothing is recommended.`),
      ...targetBlocks(result),
    ]),
    section('WHAT WOULD HELP', help),
  ];
}

/** For each target, how near the candidates come to it at the lowest rate. */
function targetBlocks(result: PlanResult): Block[] {
  const shortfalls = listShortfalls(result);
  const simulated = result.candidates.filter((c) => c.status === 'INFEASIBLE' && c.targets.length > 0);
  if (simulated.length === 0) return [];
  const rows = result.request.constraints.targets.map((target) => {
    const key = targetKey(target);
    const outcomes = simulated.flatMap((candidate) =>
      candidate.targets
        .filter((o) => targetKey(o.target) === key)
        .map((o) => ({ candidate, met: o.met, valueMs: o.valueMs })),
    );
    const missed = outcomes.filter((o) => !o.met);
    const alone = shortfalls.filter(
      (s) => s.missed.length === 1 && s.missed.some((m) => targetKey(m.target) === key),
    );
    const nearest = missed.reduce<(typeof missed)[number] | null>(
      (best, next) => (best === null || next.valueMs < best.valueMs ? next : best),
      null,
    );
    return [
      targetLabel(target),
      formatMs(target.limitMs),
      `${missed.length} of ${outcomes.length}`,
      String(alone.length),
      nearest === null
        ? 'met by all'
        : `${formatMs(nearest.valueMs)}: #${nearest.candidate.configId}, ${deploymentLabel(nearest.candidate.deployment)}`,
    ];
  });
  if (rows.length === 0) return [];
  return [
    paragraph('At the lowest rate tried, among the candidates that miss a target:'),
    table(['Target', '>Limit', '>Missed by', '>Alone', 'Nearest miss'], rows),
    paragraph('Alone: this target is the only one the candidate misses.'),
  ];
}
