import type { RequestHandler } from 'express';
import type { Logger } from '../../app/ports/logger';

/** What the server needs to be of use, by name: null when it is there, else what is wrong, for the log. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, string | null>>;
}

const PATIENCE_MS = 5000;

/** The process lives. */
export const answerAlive: RequestHandler = (_request, response) => {
  response.set('Cache-Control', 'no-store').json({ status: 'alive' });
};

/** Whether requests should be sent here. Reasons go to the log only: anybody may ask. */
export function answerReady(options: {
  readonly ready: () => Promise<Readiness>;
  readonly isClosing: () => boolean;
  readonly logger: Logger;
}): RequestHandler {
  // However many ask at a time, one check is made.
  let running: Promise<Readiness> | null = null;
  let wasReady = true;
  const check = (): Promise<Readiness> => {
    running ??= patiently(options.ready).finally(() => {
      running = null;
    });
    return running;
  };
  return async (_request, response) => {
    response.set('Cache-Control', 'no-store');
    if (options.isClosing()) {
      response.status(503).json({ status: 'closing', checks: {} });
      return;
    }
    const { ok, checks } = await check();
    if (ok !== wasReady) {
      if (ok) options.logger.info({ checks }, 'ready again');
      else options.logger.warn({ checks }, 'not ready');
      wasReady = ok;
    }
    const shown = Object.entries(checks).map(([name, fault]) => [name, fault === null ? 'ok' : 'failed']);
    response
      .status(ok ? 200 : 503)
      .json({ status: ok ? 'ready' : 'not ready', checks: Object.fromEntries(shown) });
  };
}

/** A check that hangs or throws is a failed one. */
async function patiently(ready: () => Promise<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve(failed(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([ready(), timeout]);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

const failed = (reason: string): Readiness => ({ ok: false, checks: { check: reason } });
