import type { CandidateResult, PlanResult } from '../search/result';
import { type Block, facts, list, paragraph, type Section, section, table } from './document';
import { countByStatus, verdictPerGpu } from './explain-rejections';
import { formatNumber, plural } from './format-number';
import { interpret } from './interpret';
import { BASIS_LABELS, gpusLabel, STATUS_LABELS } from './names';
import { planAssumptions, planWarnings } from './trust';

/** Reasons shown for one status. */
const MOST_REASONS = 3;

/** How to read the numbers, why not the others, and how far to trust it all. */
export function explanationSections(best: CandidateResult | null, result: PlanResult): Section[] {
  return [
    ...(best === null ? [] : [section('HOW TO READ THIS', [list(interpret(best, result))])]),
    rejectionsSection(result),
    trustSection(best, result),
  ];
}

function rejectionsSection(result: PlanResult): Section {
  const counts = countByStatus(result);
  const blocks: Block[] = [
    table(
      ['Status', '>Candidates', 'Meaning'],
      counts.map(({ status, count }) => [status, String(count), STATUS_LABELS[status]]),
    ),
  ];
  const reasons = counts.flatMap(({ status, reasons: all }) =>
    all.slice(0, MOST_REASONS).map(({ count, text }) => `${status} × ${count}: ${text}`),
  );
  if (reasons.length > 0) blocks.push(paragraph('Most frequent reasons:'), list(reasons));
  const verdicts = verdictPerGpu(result).map(({ candidate, why }) => {
    return `${gpusLabel(candidate.deployment)} (#${candidate.configId}): ${why ?? 'recommended'}`;
  });
  if (verdicts.length > 0) {
    blocks.push(
      paragraph(result.best === null ? 'Nearest candidate of each GPU:' : 'Best candidate of each GPU:'),
      list(verdicts),
    );
  }
  return section(result.best === null ? 'WHY NONE FITS' : 'WHY NOT THE OTHERS', blocks);
}

function trustSection(best: CandidateResult | null, result: PlanResult): Section {
  const warnings = planWarnings(result);
  const assumptions = planAssumptions(result);
  const blocks: Block[] = [];
  if (warnings.length > 0) blocks.push(paragraph('Warnings:'), list(warnings));
  if (assumptions.length > 0) blocks.push(paragraph('Assumptions and notes:'), list(assumptions));
  const rows: [string, string][] = [];
  if (best?.basis) rows.push(['Basis', BASIS_LABELS[best.basis]]);
  if (best?.profile) rows.push(['Profile used', best.profile]);
  rows.push([
    'Search',
    `${plural(result.candidates.length, 'candidate')}, ${plural(result.simulations, 'simulation')}, ${formatNumber(result.simulationCpuS)} CPU s`,
  ]);
  rows.push(['Engine', result.engineVersion], ['Price book', result.priceBookVersion]);
  return section('BASIS, ASSUMPTIONS, WARNINGS', [facts(null, rows), ...blocks]);
}
