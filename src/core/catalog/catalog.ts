import type { PriceBook } from '../cost/price-book';
import type { Gpu } from './gpu';
import type { ModelSpec } from './model';

/** Everything known about hardware, models and prices. Plain data: it crosses thread borders by structured clone. */
export interface Catalog {
  /** Date of the data, e.g. `2026-11`. */
  readonly version: string;
  readonly gpus: readonly Gpu[];
  readonly models: readonly ModelSpec[];
  readonly prices: PriceBook;
}
