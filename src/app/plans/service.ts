import type { Catalog } from '../../core/catalog/catalog';
import type { ReadStore } from '../ports/read-store';
import type { RunStore } from '../ports/run-store';
import type { Simulator } from '../ports/simulator';
import type { WriteStore } from '../ports/write-store';
import type { OpenRuns } from './open-run';

/** What the use cases of the service stand on. */
export interface Service {
  readonly reads: ReadStore;
  readonly writes: WriteStore;
  readonly store: RunStore;
  readonly runs: OpenRuns;
  readonly simulator: Simulator;
  /** The shipped one. */
  readonly catalog: Catalog;
}
