import fc from 'fast-check';
import { costOf } from '../../src/core/cost/cost-of';

const cost = (costPerHourUsd: number, qps: number | null, meanPromptTokens = 512, meanOutputTokens = 128) =>
  costOf({ costPerHourUsd, qps, meanPromptTokens, meanOutputTokens, priceSource: 'test' });

test('the sample of the specification, computed right: $24.48/h at 87.5 requests/s', () => {
  const { costPer1kRequestsUsd, qpsPerDollar } = cost(24.48, 87.5);
  expect(costPer1kRequestsUsd?.toFixed(4)).toBe('0.0777');
  expect(qpsPerDollar?.toFixed(2)).toBe('3.57');
});

test('a million tokens: $3.6/h at one request of 500 + 100 tokens a second', () => {
  const { costPerMillionInputTokensUsd, costPerMillionOutputTokensUsd } = cost(3.6, 1, 500, 100);
  expect(costPerMillionInputTokensUsd).toBeCloseTo(2, 12);
  expect(costPerMillionOutputTokensUsd).toBeCloseTo(10, 12);
});

test.each([[null], [0]])('no load (%p) has a price per hour and nothing else', (qps) => {
  expect(cost(10, qps)).toEqual({
    costPerHourUsd: 10,
    costPer1kRequestsUsd: null,
    costPerMillionInputTokensUsd: null,
    costPerMillionOutputTokensUsd: null,
    qpsPerDollar: null,
    priceSource: 'test',
  });
});

test('free hardware has no QPS per dollar', () => {
  expect(cost(0, 5)).toMatchObject({ costPer1kRequestsUsd: 0, qpsPerDollar: null });
});

test('the formulas agree with each other', () => {
  const positive = fc.double({ min: 0.01, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(positive, positive, positive, positive, (perHour, qps, prompt, output) => {
      const { costPer1kRequestsUsd, costPerMillionInputTokensUsd, qpsPerDollar } = cost(
        perHour,
        qps,
        prompt,
        output,
      );
      expect((costPer1kRequestsUsd ?? 0) * (qpsPerDollar ?? 0) * 3.6).toBeCloseTo(1, 9);
      const perRequest = ((costPerMillionInputTokensUsd ?? 0) / 1e6) * prompt;
      expect((perRequest * 1e3) / (costPer1kRequestsUsd ?? 1)).toBeCloseTo(1, 9);
    }),
    { seed: 11 },
  );
});
