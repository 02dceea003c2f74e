import type { TargetOutcome } from '../search/result';
import { significant } from './format-number';
import { targetKey } from './names';
import type * as Json from './report-json-types';
import { isMet } from './slo-compliance';

export const targetOutcomeJson = (outcome: TargetOutcome): Json.TargetOutcomeJson => ({
  target: targetKey(outcome.target),
  limit_ms: outcome.target.limitMs,
  value_ms: significant(outcome.valueMs, 5),
  met: isMet(outcome),
  slack: significant(outcome.slack, 4),
});
