import { loadCatalog } from '../../src/app/load-catalog';
import type { PriceBook, PriceQuote } from '../../src/core/cost/price-book';
import { type PriceQuestion, priceOf } from '../../src/core/cost/price-of';
import { InputError } from '../../src/core/errors';
import type { PriceSelection } from '../../src/core/search/request';

const DEFAULTS: PriceSelection = {
  provider: null,
  kind: 'on-demand',
  wholeInstances: false,
  usdPerGpuHour: {},
};

interface Ask extends Partial<PriceSelection> {
  readonly gpuId: string;
  readonly totalGpus?: number;
  readonly gpusPerReplica?: number;
  readonly book?: PriceBook;
}

function ask({
  gpuId,
  totalGpus = 1,
  gpusPerReplica = totalGpus,
  book = loadCatalog().prices,
  ...selection
}: Ask) {
  const question: PriceQuestion = {
    gpuId,
    totalGpus,
    gpusPerReplica,
    book,
    selection: { ...DEFAULTS, ...selection },
  };
  return priceOf(question);
}

describe('the shipped price book', () => {
  test.each([
    [
      '8 A100 of 80 GB are a p4de at AWS',
      { gpuId: 'a100-80gb', totalGpus: 8 },
      27.44705,
      /^aws p4de\.24xlarge, us-east-1, on-demand/,
    ],
    ['8 H100', { gpuId: 'h100-sxm', totalGpus: 8 }, 55.04, /2026-09-24/],
    ['one A10G, its smallest instance', { gpuId: 'a10g' }, 1.006, /g5\.xlarge/],
    ['4 A10G of one replica need a 4-GPU instance', { gpuId: 'a10g', totalGpus: 4 }, 5.672, /g5\.12xlarge/],
    ['4 A10G as 4 replicas do not', { gpuId: 'a10g', totalGpus: 4, gpusPerReplica: 1 }, 4.024, /g5\.xlarge/],
    ['another provider', { gpuId: 'h100-sxm', provider: 'Lambda', totalGpus: 2 }, 7.98, /^lambda/],
    ['spot', { gpuId: 't4', kind: 'spot' as const }, 0.202, /spot/],
    ['a GPU that AWS does not rent: the median', { gpuId: 'h100-pcie' }, 2.89, /median of 3 other providers/],
    ['a median of two: their mean', { gpuId: 'rtx-4090' }, 0.54, /median of 2/],
    ['one quote in all', { gpuId: 'a40' }, 1.28, /the only quote: coreweave/],
    [
      'a price of the request wins',
      { gpuId: 'h100-sxm', totalGpus: 8, usdPerGpuHour: { 'h100-sxm': 2.5 } },
      20,
      /^your price/,
    ],
    [
      'whole instances: 3 A100 are 8',
      { gpuId: 'a100-80gb', totalGpus: 3, wholeInstances: true },
      27.44705,
      /1 × p4de/,
    ],
    [
      'whole instances: 9 H100 in replicas of 3 need 2 of 8',
      { gpuId: 'h100-sxm', totalGpus: 9, gpusPerReplica: 3, wholeInstances: true },
      110.08,
      /2 × p5\.48xlarge/,
    ],
    [
      'whole instances: a replica larger than any',
      { gpuId: 'h100-sxm', totalGpus: 16, gpusPerReplica: 16, wholeInstances: true },
      110.08,
      /2 × p5/,
    ],
  ])('%s', (_, question: Ask, costPerHourUsd, source) => {
    const price = ask(question);
    expect(price?.costPerHourUsd).toBeCloseTo(costPerHourUsd, 4);
    expect(price?.source).toMatch(source);
  });

  test('no quote is null, not a guess', () => {
    expect(ask({ gpuId: 'mi300x' })).toBeNull();
    expect(ask({ gpuId: 'h100-sxm', provider: 'coreweave' })).toBeNull();
  });

  test('an unknown provider is an error with the list', () => {
    expect(() => ask({ gpuId: 'h100-sxm', provider: 'lamda' })).toThrow(InputError);
    expect(() => ask({ gpuId: 'h100-sxm', provider: 'lamda' })).toThrow(/aws, .*did you mean lambda/);
  });

  test('every quote has a source, a price within reason, a known GPU and an ISO date or none', () => {
    const { prices, gpus } = loadCatalog();
    for (const quote of prices.quotes) {
      expect(gpus.map((gpu) => gpu.id)).toContain(quote.gpuId);
      expect(quote.source).not.toBe('');
      expect(quote.usdPerGpuHour).toBeGreaterThan(0.05);
      expect(quote.usdPerGpuHour).toBeLessThan(30);
      expect(quote.date ?? '2026').toMatch(/^\d{4}(-\d\d){0,2}$/);
    }
  });
});

describe('choice among quotes', () => {
  const quote = (fields: Partial<PriceQuote>): PriceQuote => ({
    gpuId: 'g',
    provider: 'aws',
    region: 'r',
    kind: 'on-demand',
    usdPerGpuHour: 1,
    gpusPerInstance: null,
    product: 'p',
    date: '2026-01-01',
    source: 's',
    ...fields,
  });
  const cost = (quotes: readonly PriceQuote[], totalGpus = 1) =>
    ask({ gpuId: 'g', totalGpus, book: { version: 'v', quotes } })?.costPerHourUsd;

  test('the newest quote of a product counts, also when it went up', () => {
    expect(cost([quote({ usdPerGpuHour: 1, date: '2025-06-01' }), quote({ usdPerGpuHour: 2 })])).toBe(2);
    expect(cost([quote({ usdPerGpuHour: 2 }), quote({ usdPerGpuHour: 1, date: null })])).toBe(2);
  });

  test('of the products, the cheapest that holds a replica', () => {
    const quotes = [
      quote({ product: 'small', gpusPerInstance: 1, usdPerGpuHour: 1 }),
      quote({ product: 'large', gpusPerInstance: 8, usdPerGpuHour: 2 }),
    ];
    expect(cost(quotes)).toBe(1);
    expect(cost(quotes, 4)).toBe(8);
    expect(cost(quotes, 16)).toBe(32);
  });

  test('the order of the book does not matter', () => {
    const quotes = [quote({ product: 'a', usdPerGpuHour: 3 }), quote({ product: 'b', usdPerGpuHour: 3 })];
    const source = (list: readonly PriceQuote[]) =>
      ask({ gpuId: 'g', book: { version: 'v', quotes: list } })?.source;
    expect(source(quotes)).toBe(source([...quotes].reverse()));
  });
});
