import { withPrefixCaching } from '../core/workload/cached-share';
import { DEFAULT_HASH_BLOCK_TOKENS } from '../core/workload/prefix-hashes';
import type { Lengths, PrefixCaching, Trace } from '../core/workload/workload';
import { refuse, show, type Where } from './fault';
import type { RequestContext } from './request-context';
import type { LengthInput, PrefixCachingInput } from './workload-schema';

export interface CachingInput {
  readonly cached_prompt_tokens?: LengthInput | undefined;
  readonly prefix_caching?: PrefixCachingInput | undefined;
}

/** Which `workload.prefix_caching` asks for; `column`: what the trace says; null: not given. */
export function toPrefixCaching(
  input: CachingInput,
  context: RequestContext,
): PrefixCaching | 'column' | null {
  const caching = input.prefix_caching;
  if (caching === undefined) return null;
  const { hit_rate: hitRate, simulate, hash_block_size: hashBlockTokens } = caching;
  const at = (...path: string[]) => context.at(['workload', 'prefix_caching', ...path]);
  if ((hitRate === undefined) === (simulate === undefined)) {
    refuse(at(), {
      found: hitRate === undefined ? 'neither' : 'both',
      allowed: 'one of the two: hit_rate (0 to 1) or simulate (true or false)',
    });
  }
  if (hashBlockTokens !== undefined && simulate !== true) {
    refuse(at('hash_block_size'), { found: show(hashBlockTokens), allowed: 'it only beside simulate: true' });
  }
  if (simulate === false) return 'column';
  if (input.cached_prompt_tokens !== undefined) {
    refuse(context.at(['workload', 'cached_prompt_tokens']), {
      found: 'cached tokens beside prefix caching',
      allowed: 'one of the two',
      hint: 'delete workload.cached_prompt_tokens or workload.prefix_caching',
    });
  }
  if (hitRate !== undefined) return { kind: 'hit_rate', hitRate };
  return { kind: 'simulate', hashBlockTokens: hashBlockTokens ?? DEFAULT_HASH_BLOCK_TOKENS };
}

/** The caching of lengths that are drawn. */
export function drawnCaching(
  caching: ReturnType<typeof toPrefixCaching>,
  context: RequestContext,
): Pick<Extract<Lengths, { kind: 'drawn' }>, 'prefixCaching'> {
  if (caching === null || caching === 'column') return {};
  if (caching.kind === 'hit_rate') return { prefixCaching: caching };
  return refuse(context.at(['workload', 'prefix_caching', 'simulate']), {
    found: 'true where the lengths are drawn',
    allowed: 'true only with a trace that has hash_ids',
    hint: 'name the trace under workload.trace, or give hit_rate',
  });
}

/** A trace that follows what was asked for; its own cached tokens where nothing was. */
export function cachingTrace(
  trace: Trace,
  caching: ReturnType<typeof toPrefixCaching>,
  context: RequestContext,
): Trace {
  const where = context.at(['workload', 'prefix_caching']);
  const hasColumn = trace.cachedPromptTokens.some((tokens) => tokens > 0);
  if (caching === null) {
    if (hasColumn && trace.hashes !== undefined) {
      refuse(where, {
        found: `nothing, and a trace (${trace.name}) with both cached_prompt_tokens and hash_ids`,
        allowed:
          '{simulate: true} to simulate the cache of its hash_ids, {simulate: false} to take its cached tokens',
      });
    }
    return withPrefixCaching(trace, null);
  }
  if (caching === 'column') return withPrefixCaching(trace, null);
  if (caching.kind === 'simulate') checkHashes(trace, caching.hashBlockTokens, where);
  else if (hasColumn) {
    refuse(context.at(['workload', 'prefix_caching', 'hit_rate']), {
      found: show(caching.hitRate),
      allowed: 'nothing: the trace has cached tokens of its own',
    });
  }
  return withPrefixCaching(trace, caching);
}

/** Every prompt has a hash for each block begun. More would mean another block size: hits would be wrong unnoticed. */
function checkHashes({ name, hashes, promptTokens }: Trace, blockTokens: number, where: Where): void {
  if (hashes === undefined) {
    refuse(where, {
      found: `simulate: true, and a trace (${name}) without hash_ids`,
      allowed: 'simulate: true only with a trace that has hash_ids',
      hint: 'give hit_rate, the share of the prompt tokens that is cached',
    });
  }
  const { starts } = hashes;
  promptTokens.forEach((prompt, i) => {
    const given = starts[i + 1]! - starts[i]!;
    const needed = Math.ceil(prompt / blockTokens);
    if (given === needed) return;
    refuse(where, {
      found: `${given} hash_ids for the ${prompt} prompt tokens of row ${i + 1} of ${name}`,
      allowed: `${needed}, one for every ${blockTokens} tokens and one for the rest`,
      hint: 'is hash_block_size the number of tokens of one hash?',
    });
  });
}
