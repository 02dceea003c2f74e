import type { RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { rateLimited } from './http-error';

const WINDOW_S = 60;

/** Counts in this process: a limit over several servers would cost each request a statement. */
export interface Limiter {
  readonly limit: number;
  /** Counts one; how it stands. */
  take(key: string): Promise<Standing>;
  /** How it stands, counting none. */
  look(key: string): Promise<Standing>;
}

interface Standing {
  readonly taken: number;
  readonly exceeded: boolean;
  readonly resetS: number;
}

export function createLimiter(limit: number): Limiter {
  const memory = new RateLimiterMemory({ points: limit, duration: WINDOW_S });
  const standing = ({ consumedPoints, msBeforeNext }: RateLimiterRes): Standing => ({
    taken: consumedPoints,
    exceeded: consumedPoints > limit,
    resetS: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
  return {
    limit,
    take: async (key) => {
      try {
        return standing(await memory.consume(key));
      } catch (rejected) {
        if (rejected instanceof RateLimiterRes) return standing(rejected);
        throw rejected;
      }
    },
    look: async (key) => {
      const found = await memory.get(key);
      return found === null ? { taken: 0, exceeded: false, resetS: WINDOW_S } : standing(found);
    },
  };
}

/** Counts a request against whoever `keyOf` says it is from. */
export function limitRate(
  limiter: Limiter,
  keyOf: (request: Parameters<RequestHandler>[0]) => string,
): RequestHandler {
  return async (request, response, next) => {
    const { taken, exceeded, resetS } = await limiter.take(keyOf(request));
    showStanding(response, limiter.limit, taken, resetS);
    if (exceeded) throw rateLimited(`more than ${limiter.limit} requests in a minute`, resetS);
    next();
  };
}

function showStanding(response: Response, limit: number, taken: number, resetS: number): void {
  response.set({
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(Math.max(0, limit - taken)),
    'RateLimit-Reset': String(resetS),
  });
}
