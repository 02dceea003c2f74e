import type { FamilyRunner } from '../../app/plan-capacity';
import type { PlanContext } from '../../core/search/family';
import type { ServiceRoot } from './service-root';

/** What the command line gets from its composition root. */
export interface CliContext {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** `stderr` is a terminal that can redraw a line. */
  readonly showsProgress: boolean;
  /** `threads` undefined: one per processor. */
  /** Loaded when asked for: other commands need none of it. */
  readonly service: () => ServiceRoot;
  readonly createRunner: (context: PlanContext, threads: number | undefined) => FamilyRunner;
}

export const EXIT = {
  ok: 0,
  internalError: 1,
  wrongInput: 2,
  nothingFits: 3,
  drift: 4,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0    done; for plan: a recommendation was found
  1    internal error
  2    wrong input or usage
  3    plan: nothing fits (the report is written, and says what would help)
  4    observe: what was seen is outside what the predictions allow for
  130  plan: interrupted (the report of what was done is written, marked partial)`;
