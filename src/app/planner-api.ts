import { keyUses } from './api-keys';
import { calibrationUses } from './calibrations/calibration-uses';
import { telemetryUses } from './calibrations/telemetry-uses';
import { comparingUses } from './plans/compare-runs';
import { keepingUses } from './plans/keep-plans';
import { launchUses } from './plans/launch-plan';
import { rerankUses } from './plans/rerank-run';
import type { Service } from './plans/service';
import { simulateUses } from './plans/simulate-order';
import { reportUses } from './plans/stored-run';
import { priceUses } from './plans/update-prices';
import type { PlannerApi } from './ports/api';
import { profileUses } from './uploads/ingest-profile';
import { workloadUses } from './uploads/register-workload';

/** Everything an API can ask for besides reading. */
export const createPlannerApi = (service: Service, now: () => Date): PlannerApi => ({
  ...profileUses(service),
  ...workloadUses(service),
  ...telemetryUses(service),
  ...calibrationUses(service),
  ...priceUses(service),
  ...launchUses(service),
  ...keepingUses(service),
  ...simulateUses(service),
  ...reportUses(service),
  ...rerankUses(service),
  ...comparingUses(service),
  ...keyUses(service.writes, now),
});
