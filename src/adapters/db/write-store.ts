import type { WriteStore } from '../../app/ports/write-store';
import type { Database } from './connect';
import { createPlanDeletion } from './delete-plan';
import { createSeed } from './seed';
import { createInputWrites } from './write-inputs';
import { createKeyWrites } from './write-keys';
import { createPriceWrites } from './write-prices';
import { createTelemetryWrites } from './write-telemetry';

export const createWriteStore = (database: Database): WriteStore => ({
  ...createSeed(database),
  ...createKeyWrites(database),
  ...createInputWrites(database),
  ...createPriceWrites(database),
  ...createTelemetryWrites(database),
  ...createPlanDeletion(database),
});
