import type { LintFinding, LintSeverity, NeededCoverage } from './lint-finding';
import { lintMemory } from './lint-memory';
import { lintDecodeWithoutCache, lintRates, lintUnits } from './lint-physics';
import { lintSurface } from './lint-rows';
import type { Subject } from './roofline';

export interface LintOptions extends Omit<Subject, 'profile'> {
  readonly needed?: NeededCoverage;
}

/** Everything wrong or doubtful with a profile, worst first. An empty list is a clean bill. */
export function lintProfile(profile: Subject['profile'], { gpu, model, needed }: LintOptions): LintFinding[] {
  const subject: Subject = { profile, gpu, model };
  const units = lintUnits(subject);
  const findings = [
    ...units,
    // With every time off by a thousand, rates say nothing more.
    ...(units.length > 0 ? [] : lintRates(subject)),
    ...lintDecodeWithoutCache(subject),
    ...lintMemory(subject),
    ...lintSurface(profile, needed ?? null),
  ];
  return findings.sort((a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity]);
}

const SEVERITY_ORDER: Readonly<Record<LintSeverity, number>> = { error: 0, warning: 1, info: 2 };
