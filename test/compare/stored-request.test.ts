import { decodeForComparing } from '../../src/app/plans/stored-request';
import { workloadText } from '../../src/core/compare/fingerprint';

const textOf = (lengths: object): string =>
  workloadText(decodeForComparing({ workload: { arrival: { kind: 'poisson' }, lengths } }).workload);

test('history tells requests apart by their trace and what is cached of it', () => {
  const lengths = [
    { traceId: 'a' },
    { traceId: 'b' },
    { traceId: 'a', cachedPromptTokens: 5 },
    { traceId: 'a', prefixCaching: { kind: 'hit_rate', hitRate: 0.5 } },
    { traceId: 'a', prefixCaching: { kind: 'hit_rate', hitRate: 0.500001 } },
    { traceId: 'a', prefixCaching: { kind: 'simulate', hashBlockTokens: 512 } },
    { traceId: 'a', prefixCaching: { kind: 'simulate', hashBlockTokens: 16 } },
  ];
  const texts = () => lengths.map((given) => textOf({ kind: 'trace', ...given }));
  expect(new Set(texts()).size).toBe(lengths.length);
  expect(texts()).toEqual(texts());
});
