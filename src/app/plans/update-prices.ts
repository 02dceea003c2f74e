import { resolveGpu } from '../../core/catalog/names';
import { InputError } from '../../core/errors';
import { LIMITS } from '../../formats/limits';
import { requireRole } from '../access';
import { contentHash } from '../content-hash';
import type { PlannerApi, PriceUpdate } from '../ports/api';
import type { PriceQuoteRecord } from '../ports/records';
import { checkName, hasControls } from '../uploads/check-name';
import type { Service } from './service';

const QUOTES_MAX = 10_000;
const TEXT_CHARACTERS_MAX = 300;

export const priceUses = (service: Service): Pick<PlannerApi, 'updatePrices'> => ({
  async updatePrices(caller, update) {
    requireRole(caller, 'admin', 'change prices');
    checkName(update.version, 'version');
    if (update.note !== null && (update.note.length > TEXT_CHARACTERS_MAX || hasControls(update.note)))
      refuse(
        'note',
        update.note.slice(0, 60),
        `at most ${TEXT_CHARACTERS_MAX} characters, no control characters`,
      );
    if (update.quotes.length === 0 || update.quotes.length > QUOTES_MAX)
      refuse('quotes', `${update.quotes.length} quotes`, `from 1 to ${QUOTES_MAX} quotes`);
    const given = update.quotes.map((quote, i) => checked(service, quote, `quotes[${i}]`));
    const twice = given.findIndex((quote, i) => given.findIndex((q) => keyOf(q) === keyOf(quote)) < i);
    if (twice !== -1)
      refuse(
        `quotes[${twice}]`,
        keyOf(given[twice]!),
        'one quote for each GPU, provider, region, kind and product',
      );
    const quotes = update.mode === 'replace' ? given : await merged(service, caller.workspaceId, given);
    const { version, note } = update;
    return service.writes.addPriceBook(caller.workspaceId, {
      version,
      note,
      quotes,
      contentHash: contentHash({ version, quotes }),
    });
  },
});

/** The quotes of today, less those that a new one replaces. */
async function merged(
  { reads }: Service,
  workspaceId: string,
  given: readonly PriceQuoteRecord[],
): Promise<PriceQuoteRecord[]> {
  const current = await reads.currentPriceBook(workspaceId);
  const [quotes] = await reads.quotesOf([current.id]);
  const replaced = new Set(given.map(keyOf));
  return [...quotes!.filter((quote) => !replaced.has(keyOf(quote))), ...given];
}

const keyOf = ({ gpuId, provider, region, kind, product }: PriceQuoteRecord): string =>
  [gpuId, provider, region ?? '', kind, product].join(' | ');

function checked({ catalog }: Service, quote: PriceUpdate['quotes'][number], path: string): PriceQuoteRecord {
  const gpu = resolveGpu(catalog, quote.gpuId, { source: 'request', path: `${path}.gpu` });
  const { usdPerGpuHour, gpusPerInstance, date } = quote;
  if (!(usdPerGpuHour > 0 && usdPerGpuHour <= LIMITS.usdPerGpuHour))
    refuse(`${path}.usdPerGpuHour`, usdPerGpuHour, `more than 0 and at most ${LIMITS.usdPerGpuHour}`);
  if (gpusPerInstance !== null && !(gpusPerInstance >= 1 && gpusPerInstance <= LIMITS.gpusPerReplica))
    refuse(`${path}.gpusPerInstance`, gpusPerInstance, `from 1 to ${LIMITS.gpusPerReplica}`);
  if (date !== null && (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date))))
    refuse(`${path}.date`, date, 'a day, YYYY-MM-DD');
  for (const key of ['provider', 'product', 'source', 'region'] as const) {
    const text = quote[key];
    if (text === null) continue;
    if (text.trim() === '' || text.length > TEXT_CHARACTERS_MAX || hasControls(text))
      refuse(
        `${path}.${key}`,
        text.slice(0, 60),
        `1 to ${TEXT_CHARACTERS_MAX} characters, no control characters`,
      );
  }
  return { ...quote, gpuId: gpu.id };
}

function refuse(path: string, found: unknown, allowed: string): never {
  throw new InputError({ source: 'request', path, found: JSON.stringify(found), allowed });
}
