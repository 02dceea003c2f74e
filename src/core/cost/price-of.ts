import { nearest } from '../catalog/nearest';
import { InputError } from '../errors';
import type { PriceSelection } from '../search/request';
import type { PriceBook, PriceQuote } from './price-book';

/** The provider whose list prices are used when none is named: it lists more GPU types than any other in the book. */
const DEFAULT_PROVIDER = 'aws';

export interface PriceQuestion {
  readonly gpuId: string;
  readonly totalGpus: number;
  /** GPUs of one replica: an instance must hold a whole replica, where one that large is sold. */
  readonly gpusPerReplica: number;
  readonly selection: PriceSelection;
  readonly book: PriceBook;
}

export interface Price {
  readonly costPerHourUsd: number;
  /** The quote used, in words. */
  readonly source: string;
}

/**
 * What the GPUs of a deployment cost per hour; null when the book has no such quote.
 * A price in the request wins. Else the quotes of the provider named, else of the default provider, else (it does not
 * offer the GPU) the median over the other providers.
 * Of one provider's quotes: the newest of each product, then only instances that hold a whole replica (all of the largest,
 * when none does), then the cheapest.
 */
export function priceOf(question: PriceQuestion): Price | null {
  const { gpuId, totalGpus, selection, book } = question;
  const own = Object.hasOwn(selection.usdPerGpuHour, gpuId) ? selection.usdPerGpuHour[gpuId] : undefined;
  if (own !== undefined)
    return { costPerHourUsd: own * totalGpus, source: `your price: $${own} per GPU-hour` };

  const provider = selection.provider === null ? null : resolveProvider(book, selection.provider);
  const quotes = book.quotes.filter((quote) => quote.gpuId === gpuId && quote.kind === selection.kind);
  const byProvider = (name: string) =>
    cheapestOffer(
      quotes.filter((quote) => quote.provider === name),
      question,
    );
  if (provider !== null) return byProvider(provider);
  return (
    byProvider(DEFAULT_PROVIDER) ??
    medianOffer([...new Set(quotes.map((quote) => quote.provider))].map(byProvider), question)
  );
}

/** A provider of the book, whatever the case it was written in. */
export function resolveProvider(
  book: PriceBook,
  name: string,
  where = { source: 'prices', path: 'provider' },
): string {
  const providers = [...new Set(book.quotes.map((quote) => quote.provider))].sort();
  const found = providers.find((provider) => provider.toLowerCase() === name.trim().toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(name, providers);
  throw new InputError({
    ...where,
    found: JSON.stringify(name),
    allowed: `a provider of the price book (${providers.join(', ')})`,
    ...(near === null ? {} : { hint: `did you mean ${near}?` }),
  });
}

function cheapestOffer(quotes: readonly PriceQuote[], question: PriceQuestion): Price | null {
  const offers = holdingReplica(newestOfEach(quotes), question.gpusPerReplica).map((quote) =>
    offerOf(quote, question),
  );
  const [best] = offers.sort((a, b) => a.costPerHourUsd - b.costPerHourUsd || compare(a.source, b.source));
  return best ?? null;
}

function newestOfEach(quotes: readonly PriceQuote[]): PriceQuote[] {
  const newest = new Map<string, PriceQuote>();
  for (const quote of quotes) {
    const key = `${quote.product}|${quote.region}`;
    const other = newest.get(key);
    if (other === undefined || compare(quote.date ?? '', other.date ?? '') > 0) newest.set(key, quote);
  }
  return [...newest.values()];
}

function holdingReplica(quotes: readonly PriceQuote[], gpusPerReplica: number): PriceQuote[] {
  const size = (quote: PriceQuote) => quote.gpusPerInstance ?? Number.POSITIVE_INFINITY;
  const large = quotes.filter((quote) => size(quote) >= gpusPerReplica);
  if (large.length > 0) return large;
  const largest = Math.max(...quotes.map(size));
  return quotes.filter((quote) => size(quote) === largest);
}

function offerOf(quote: PriceQuote, { totalGpus, gpusPerReplica, selection }: PriceQuestion): Price {
  const instances =
    quote.gpusPerInstance === null ? null : instancesFor(quote.gpusPerInstance, totalGpus, gpusPerReplica);
  const whole = selection.wholeInstances && instances !== null && quote.gpusPerInstance !== null;
  const paidGpus = whole ? instances * quote.gpusPerInstance : totalGpus;
  const place = quote.region === null ? '' : `, ${quote.region}`;
  const date = quote.date === null ? 'undated' : quote.date;
  const bought = whole ? `${instances} × ${quote.product}` : quote.product;
  return {
    costPerHourUsd: paidGpus * quote.usdPerGpuHour,
    source: `${quote.provider} ${bought}${place}, ${quote.kind}, $${roundUsd(quote.usdPerGpuHour)} per GPU-hour (${date})`,
  };
}

/** Replicas are packed whole into instances; one larger than an instance takes several of its own. */
function instancesFor(gpusPerInstance: number, totalGpus: number, gpusPerReplica: number): number {
  const replicas = Math.max(1, Math.round(totalGpus / gpusPerReplica));
  const fit = Math.floor(gpusPerInstance / gpusPerReplica);
  return fit >= 1 ? Math.ceil(replicas / fit) : replicas * Math.ceil(gpusPerReplica / gpusPerInstance);
}

function medianOffer(offers: readonly (Price | null)[], { gpuId, selection }: PriceQuestion): Price | null {
  const sorted = offers
    .filter((offer) => offer !== null)
    .sort((a, b) => a.costPerHourUsd - b.costPerHourUsd || compare(a.source, b.source));
  const lower = sorted[(sorted.length - 1) >> 1];
  const upper = sorted[sorted.length >> 1];
  if (lower === undefined || upper === undefined) return null;
  const used = lower === upper ? lower.source : `${lower.source}; ${upper.source}`;
  const lead =
    sorted.length === 1
      ? `${DEFAULT_PROVIDER} has no ${selection.kind} ${gpuId}; the only quote: `
      : `${DEFAULT_PROVIDER} has no ${selection.kind} ${gpuId}; median of ${sorted.length} other providers: `;
  return { costPerHourUsd: (lower.costPerHourUsd + upper.costPerHourUsd) / 2, source: lead + used };
}

/** Code-unit order: the same on every machine, unlike localeCompare. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const roundUsd = (usd: number): number => Math.round(usd * 1e4) / 1e4;
