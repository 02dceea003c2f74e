import type { PriceKind } from '../search/request';

/** One dated price of one way to rent one type of GPU. */
export interface PriceQuote {
  readonly gpuId: string;
  readonly provider: string;
  readonly region: string | null;
  readonly kind: PriceKind;
  readonly usdPerGpuHour: number;
  /** GPUs of the instance the quote is for; null: sold per GPU. */
  readonly gpusPerInstance: number | null;
  readonly product: string;
  /** ISO date, or null where the source gives none. */
  readonly date: string | null;
  readonly source: string;
}

export interface PriceBook {
  readonly version: string;
  readonly quotes: readonly PriceQuote[];
}
