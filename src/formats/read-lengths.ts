import type { LengthDistribution, Trace } from '../core/workload/workload';
import { refuse, show } from './fault';
import type { RequestContext } from './request-context';
import type { LengthInput } from './workload-schema';

export type LengthKey = 'prompt_length' | 'output_length' | 'cached_prompt_tokens';

/** One length distribution of `workload`, with its files read. */
export function toLength(input: LengthInput, key: LengthKey, context: RequestContext): LengthDistribution {
  const at = (...path: string[]) => context.at(['workload', key, ...path]);
  switch (input.distribution) {
    case 'fixed':
      if (input.value === 0 && key !== 'cached_prompt_tokens')
        refuse(at(), { found: '0', allowed: 'at least 1 token' });
      return { kind: 'fixed', value: input.value };
    case 'normal':
    case 'lognormal':
    case 'gamma':
      // No spread: the formulas of the gamma and lognormal distributions divide by it.
      if (input.std === 0) return { kind: 'fixed', value: Math.max(1, Math.round(input.mean)) };
      return { kind: input.distribution, mean: input.mean, std: input.std };
    case 'uniform':
      if (input.min > input.max) {
        refuse(at('min'), { found: String(input.min), allowed: `at most max (${input.max})` });
      }
      return { kind: 'uniform', min: input.min, max: input.max };
    case 'empirical':
      return empirical(input, at, context);
    case 'trace': {
      const trace = context.files.loadTrace(input.path, at('path'));
      return tally(columnOf(trace, key), at('path').path);
    }
  }
}

type EmpiricalInput = Extract<LengthInput, { distribution: 'empirical' }>;

function empirical(
  { values, weights, path }: EmpiricalInput,
  at: (...path: string[]) => ReturnType<RequestContext['at']>,
  context: RequestContext,
): LengthDistribution {
  if ((values === undefined) === (path === undefined)) {
    const found = values === undefined ? 'neither values nor path' : 'both values and path';
    return refuse(at(), { found, allowed: 'values (a list of token counts) or path (a CSV of one column)' });
  }
  if (weights === undefined)
    return tally(values ?? context.files.loadValues(path ?? '', at('path')), at().path);
  if (values === undefined)
    return refuse(at('weights'), { found: show(weights), allowed: 'weights only beside values' });
  if (weights.length !== values.length) {
    refuse(at('weights'), {
      found: `${weights.length} weights`,
      allowed: `${values.length}, one for each of values`,
    });
  }
  if (weights.every((weight) => weight === 0)) {
    refuse(at('weights'), { found: show(weights), allowed: 'at least one weight above 0' });
  }
  return { kind: 'empirical', values, weights };
}

function columnOf(trace: Trace, key: LengthKey): Int32Array {
  if (key === 'prompt_length') return trace.promptTokens;
  return key === 'output_length' ? trace.outputTokens : trace.cachedPromptTokens;
}

/** Each value once, in rising order, weighted by how often it stands there. */
function tally(values: Iterable<number>, path: string): LengthDistribution {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  if (sorted.length === 0) throw new Error(`${path}: an empty list passed the schema`);
  return {
    kind: 'empirical',
    values: sorted.map(([value]) => value),
    weights: sorted.map(([, count]) => count),
  };
}
