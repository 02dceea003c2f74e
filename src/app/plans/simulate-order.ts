import type { SimulateRequest } from '../../core/engine/request';
import { InputError } from '../../core/errors';
import { parseDeployment } from '../../formats/read-deployment';
import { requireRole } from '../access';
import type { PlannerApi } from '../ports/api';
import { LimitError } from '../ports/api-errors';
import { documentValue } from '../uploads/given-document';
import { withStoredTraces } from '../uploads/stored-files';
import { findProfiles } from '../uploads/stored-profiles';
import type { Service } from './service';

/** A caller waits for the answer: about ten seconds of one thread. Longer ones are for the command line. */
const REQUESTS_MAX = 5_000_000;

export const simulateUses = ({ reads, simulator, catalog }: Service): Pick<PlannerApi, 'simulate'> => ({
  async simulate(caller, { deployment, profileId, acceptProfileErrors }) {
    requireRole(caller, 'planner', 'simulate');
    const value = withProfile(documentValue(deployment, 'deployment'), profileId);
    const { request, assumptions } = await withStoredTraces(reads, caller.workspaceId, (files) =>
      parseDeployment({ source: 'deployment', value, catalog, ...files }),
    );
    const requests = requestsOf(request);
    if (requests > REQUESTS_MAX) throw new LimitError('requests of a simulation', requests, REQUESTS_MAX);
    const path = profileId === null ? 'profile' : 'profileId';
    const named = request.profile === null ? [] : [{ ref: request.profile, path }];
    const [found] = await findProfiles(reads, caller.workspaceId, named);
    const profile = found?.profile ?? null;
    const run = await simulator.simulate({ request, profile, acceptProfileErrors });
    return {
      modelId: run.model.id,
      deployment: run.deployment,
      overhead: run.overhead,
      memory: run.memory,
      metrics: run.metrics,
      cpuS: run.cpuS,
      engineVersion: run.engineVersion,
      notes: [...run.notes, ...assumptions],
    };
  },
});

function withProfile(value: unknown, profileId: string | null): unknown {
  if (profileId === null || typeof value !== 'object' || value === null) return value;
  if ('profile' in value) {
    throw new InputError({
      source: 'deployment',
      path: 'profile',
      found: 'a profile beside profileId',
      allowed: 'one of the two',
    });
  }
  return { ...value, profile: profileId };
}

const requestsOf = ({ load, simulation }: SimulateRequest): number =>
  load.kind === 'trace'
    ? load.trace.arrivedAtS.length
    : Math.ceil(load.rateQps * (simulation.durationS + simulation.warmupS));
