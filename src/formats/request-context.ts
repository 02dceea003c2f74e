import type { Catalog } from '../core/catalog/catalog';
import type { Trace } from '../core/workload/workload';
import type { Where } from './fault';
import type { Assumptions } from './request-defaults';

/** How a request reaches what it names. A path is as written; `where` says which document wrote it. */
export interface RequestFiles {
  readonly loadTrace: (path: string, where: Where) => Trace;
  /** A CSV of one column, for empirical lengths. */
  readonly loadValues: (path: string, where: Where) => readonly number[];
  /** A path made absolute, or a library id left alone. */
  readonly resolveProfile: (name: string, where: Where) => string;
}

/** What every step from wire to core types needs. */
export interface RequestContext {
  readonly catalog: Catalog;
  readonly files: RequestFiles;
  readonly assumptions: Assumptions;
  readonly at: (path: readonly PropertyKey[]) => Where;
}
