import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from '../access';
import { contentHash } from '../content-hash';
import { packageFolder } from '../package-version';
import type { LaunchedPlan, PlannerApi } from '../ports/api';

/** Launches the shipped example. It is launched once: later calls give the plan that is there. */
export async function launchExample(api: PlannerApi, caller: Caller): Promise<LaunchedPlan> {
  const text = readFileSync(join(packageFolder(), 'examples', 'capacity_planning_request.yaml'), 'utf8');
  return api.launchPlan(caller, {
    name: 'Example: Llama 2 7B, 1 to 100 requests/s',
    request: { kind: 'yaml', text },
    profileIds: [],
    workload: null,
    model: null,
    priority: 'low',
    deadlineS: null,
    simulationsMax: null,
    // Another text is another example.
    idempotencyKey: `example-${contentHash(text).slice(0, 16)}`,
    useCalibrations: true,
    acceptProfileErrors: false,
  });
}
