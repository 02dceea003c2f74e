import type { PriceQuoteRecord } from '../../app/ports/records';
import type { WriteStore } from '../../app/ports/write-store';
import type { Database, Executor } from './connect';
import { priceBookSelect } from './input-rows';
import { withLock } from './locks';

export function createPriceWrites({ prisma, sql }: Database): Pick<WriteStore, 'addPriceBook'> {
  return {
    async addPriceBook(workspaceId, book) {
      const stored = await withLock(sql, `price_books ${workspaceId}`, (tx) =>
        storePriceBook(tx, workspaceId, book),
      );
      const { id, created } = stored;
      return {
        record: await prisma.priceBook.findUniqueOrThrow({ where: { id }, select: priceBookSelect }),
        created,
      };
    },
  };
}

/** Run it under the lock of the workspace's price books. */
export async function storePriceBook(
  tx: Executor,
  workspaceId: string,
  book: Parameters<WriteStore['addPriceBook']>[1],
): Promise<{ id: string; created: boolean }> {
  const [current] = await tx<{ id: string; content_hash: string }[]>`
    SELECT id, content_hash FROM price_books WHERE workspace_id = ${workspaceId}
    ORDER BY created_at DESC, id DESC LIMIT 1`;
  // An older book of this content is not enough: what is given is to be the current one.
  if (current?.content_hash === book.contentHash) return { id: current.id, created: false };
  // The time of day, not of the transaction, which may have begun before it got the lock: the newest book is the current one.
  const [added] = await tx<{ id: string }[]>`
    INSERT INTO price_books (workspace_id, version, content_hash, note, created_at)
    VALUES (${workspaceId}, ${book.version}, ${book.contentHash}, ${book.note}, clock_timestamp()) RETURNING id`;
  const { id } = added!;
  const rows = book.quotes.map((quote, position) => toQuoteRow(quote, id, position));
  for (let from = 0; from < rows.length; from += BATCH)
    await tx`INSERT INTO price_quotes ${tx(rows.slice(from, from + BATCH) as Record<string, never>[])}`;
  return { id, created: true };
}

/** 11 parameters a row; a statement takes 65,535. */
const BATCH = 5000;

const toQuoteRow = (
  quote: PriceQuoteRecord,
  bookId: string,
  position: number,
): Record<string, string | number | null> => ({
  price_book_id: bookId,
  position,
  gpu_id: quote.gpuId,
  provider: quote.provider,
  region: quote.region,
  kind: quote.kind,
  usd_per_gpu_hour: quote.usdPerGpuHour,
  gpus_per_instance: quote.gpusPerInstance,
  product: quote.product,
  date: quote.date,
  source: quote.source,
});
