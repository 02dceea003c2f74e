import type { ReadStore } from '../../app/ports/read-store';
import { createStatements } from './bindings';
import type { Database } from './connect';
import { createCandidateReads } from './read-candidates';
import { createInputReads } from './read-inputs';
import { createPlanReads } from './read-plans';
import { createPriceReads } from './read-prices';
import { createRunReads } from './read-runs';
import { createTelemetryReads } from './read-telemetry';
import { createTraceReads } from './read-trace';

export function createReadStore(database: Database): ReadStore {
  const run = createStatements(database);
  return {
    ...createPlanReads(run),
    ...createCandidateReads(run),
    ...createRunReads(database),
    ...createInputReads(database),
    ...createTraceReads(database),
    ...createTelemetryReads(database),
    ...createPriceReads(database),
  };
}
