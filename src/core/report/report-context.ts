import type { Gpu } from '../catalog/gpu';

/** What a report needs besides the result of the search. */
export interface ReportContext {
  /** When the plan was made, ISO 8601; an argument because the core has no clock. */
  readonly timestamp: string;
  /** The profile as the user named it, or the library id that was chosen. */
  readonly inputProfile: string;
  /** Catalogue entries: names for people, memory and speed for advice. A GPU that is missing here is printed by its id. */
  readonly gpus: readonly Gpu[];
}
