import type { ReadStore } from '../../app/ports/read-store';
import { type PriceBookRecord, type PriceQuoteRecord, SHARED_WORKSPACE_ID } from '../../app/ports/records';
import { groupedBy, inOrderOf } from './columns';
import type { Database } from './connect';
import { pageOf, readCursor } from './cursor';
import { priceBookSelect } from './input-rows';
import { readAgain } from './read-again';

type PriceReads = Pick<ReadStore, 'priceBooks' | 'priceBooksById' | 'currentPriceBook' | 'quotesOf'>;

export function createPriceReads({ prisma, sql }: Database): PriceReads {
  const books = (workspaceId: string, where: object, take: number): Promise<PriceBookRecord[]> =>
    prisma.priceBook.findMany({
      select: priceBookSelect,
      where: { AND: [{ workspaceId: { in: [workspaceId, SHARED_WORKSPACE_ID] } }, where] },
      // The shared workspace has the nil id, which sorts last here.
      orderBy: [{ workspaceId: 'desc' }, { createdAt: 'desc' }, { id: 'desc' }],
      take,
    });
  return {
    async priceBooks(workspaceId, page) {
      const rows = await books(workspaceId, page.after === null ? {} : afterBook(page.after), page.first + 1);
      return pageOf(rows, page, {
        node: (row) => row,
        cursor: (row) => [row.workspaceId, row.createdAt.toISOString(), row.id],
      });
    },
    async priceBooksById(workspaceId, ids) {
      const rows = await books(workspaceId, { id: { in: [...ids] } }, ids.length);
      return inOrderOf(ids, rows, {
        key: (id) => id.toLowerCase(),
        row: (row) => row.id,
        node: (row) => row,
      });
    },
    async currentPriceBook(workspaceId) {
      const [book] = await books(workspaceId, {}, 1);
      if (book === undefined) throw new Error('no prices are stored: the database was not seeded');
      return book;
    },
    async quotesOf(priceBookIds) {
      const rows = await readAgain(
        async () => sql<QuoteRow[]>`
        SELECT price_book_id, gpu_id, provider, region, kind, usd_per_gpu_hour, gpus_per_instance, product, date, source
        FROM price_quotes WHERE price_book_id = ANY(${[...priceBookIds]}::uuid[]) ORDER BY price_book_id, position`,
      );
      return groupedBy<string, QuoteRow, PriceQuoteRecord>(priceBookIds, rows, {
        key: (id) => id.toLowerCase(),
        row: (row) => row.price_book_id,
        node: fromQuoteRow,
      });
    },
  };
}

function afterBook(after: readonly (string | number | null)[]): object {
  const [workspaceId, time, id] = readCursor(after, ['uuid', 'time', 'uuid']) as [string, string, string];
  return {
    OR: [
      { workspaceId: { lt: workspaceId } },
      { workspaceId, createdAt: { lt: time } },
      { workspaceId, createdAt: time, id: { lt: id } },
    ],
  };
}

interface QuoteRow {
  readonly price_book_id: string;
  readonly gpu_id: string;
  readonly provider: string;
  readonly region: string | null;
  readonly kind: PriceQuoteRecord['kind'];
  readonly usd_per_gpu_hour: number;
  readonly gpus_per_instance: number | null;
  readonly product: string;
  readonly date: string | null;
  readonly source: string;
}

const fromQuoteRow = (row: QuoteRow): PriceQuoteRecord => ({
  gpuId: row.gpu_id,
  provider: row.provider,
  region: row.region,
  kind: row.kind,
  usdPerGpuHour: row.usd_per_gpu_hour,
  gpusPerInstance: row.gpus_per_instance,
  product: row.product,
  date: row.date,
  source: row.source,
});
