import type { PlanResult } from '../search/result';
import { candidateOf } from './candidates';
import type { ReportDocument } from './document';
import { gpuName } from './names';
import type { ReportContext } from './report-context';
import { choiceSections } from './sections-choice';
import { explanationSections } from './sections-explanation';
import { nothingFitsSections } from './sections-nothing-fits';
import { recommendedSections } from './sections-recommended';
import { partialSentence } from './trust';

/** The content of the report for people: the recommendation or what would help, then why. */
export function buildDocument(result: PlanResult, context: ReportContext): ReportDocument {
  const best = candidateOf(result, result.best);
  const gpuIds = best === null ? result.request.space.gpuIds : [best.deployment.gpuId];
  return {
    title: 'CAPACITY PLANNING REPORT',
    subtitle: [
      {
        label: 'Model',
        value: `${result.request.modelId} on ${gpuIds.map((id) => gpuName(id, context)).join(', ')}`,
      },
      { label: 'Profile', value: context.inputProfile },
      { label: 'Date', value: readableDate(context.timestamp) },
    ],
    notices: result.partial ? [partialSentence(result)] : [],
    sections: [
      ...(best === null
        ? nothingFitsSections(result, context)
        : [...recommendedSections(best, result, context), ...choiceSections(best, result, context)]),
      ...explanationSections(best, result),
    ],
  };
}

/** `2025-11-15T10:30:00.000Z` → `2025-11-15 10:30:00 UTC`; anything else as it is. */
function readableDate(timestamp: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(timestamp);
  return match === null ? timestamp : `${match[1]} ${match[2]} UTC`;
}
