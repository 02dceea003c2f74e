import type { FittedProfile } from '../../src/core/profile/fit-profile';
import { evaluate, type Surface } from '../../src/core/profile/monotone-surface';

/** Vidur looks attention times up at the mean context of a batch rounded up to this many tokens. */
const CONTEXT_TOKENS = 64;

/** The same profile, rounded as Vidur does: its context axis becomes a staircase. For comparisons with Vidur's runs only. */
export function asVidurRounds(fit: FittedProfile): FittedProfile {
  return {
    ...fit,
    decode: staircase(fit.decode),
    decodeAttention: staircase(fit.decodeAttention),
  };
}

function staircase(surface: Surface): Surface {
  const last = surface.ys.at(-1)!;
  const ys = [0];
  for (let top = CONTEXT_TOKENS; top <= last; top += CONTEXT_TOKENS)
    ys.push(top - CONTEXT_TOKENS + 1e-3, top);
  if (ys.at(-1)! < last) ys.push(last);
  const at = (y: number) => Math.min(last, Math.ceil(y / CONTEXT_TOKENS) * CONTEXT_TOKENS);
  const values = Float64Array.from(
    [...surface.xs].flatMap((x) => ys.map((y) => evaluate(surface, x, at(y)))),
  );
  return { ...surface, ys: Float64Array.from(ys), values };
}
