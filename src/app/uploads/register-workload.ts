import type { Trace } from '../../core/workload/workload';
import { parsePlanRequest } from '../../formats/read-request';
import { parseTrace } from '../../formats/read-trace';
import { requireRole } from '../access';
import { contentHash } from '../content-hash';
import type { Service } from '../plans/service';
import type { PlannerApi } from '../ports/api';
import { NotFoundError } from '../ports/api-errors';
import type { StoredTrace } from '../ports/records';
import { checkName } from './check-name';
import { documentValue } from './given-document';
import { withStoredTraces } from './stored-files';

export const workloadUses = ({
  reads,
  writes,
  catalog,
}: Service): Pick<PlannerApi, 'registerTrace' | 'registerWorkload' | 'setWorkloadArchived'> => ({
  async registerTrace(caller, { name, csv }) {
    requireRole(caller, 'planner', 'store traces');
    checkName(name, 'name');
    const trace = { ...parseTrace({ source: 'csv', text: csv }), name };
    return writes.addTrace(caller.workspaceId, trace, traceHash(trace));
  },

  async registerWorkload(caller, { name, definition }) {
    requireRole(caller, 'planner', 'store workloads');
    checkName(name, 'name');
    const value = documentValue(definition, 'definition');
    const { request } = await withStoredTraces(reads, caller.workspaceId, (files) =>
      parsePlanRequest({
        documents: [{ source: 'definition', value, section: 'workload' }],
        catalog,
        // The traffic is checked as a plan would; which model serves it does not matter to it.
        model: catalog.models[0]!.id,
        defaultGpuId: catalog.gpus[0]!.id,
        ...files,
      }),
    );
    const { lengths } = request.workload;
    const traceId = lengths.kind === 'trace' ? (lengths.trace as StoredTrace).id : null;
    const section = {
      ...(value as Record<string, unknown>),
      ...(traceId === null ? {} : { trace: traceId }),
    };
    const workload = { name, definition: section, contentHash: contentHash(section), traceId };
    return writes.addWorkload(caller.workspaceId, workload);
  },

  async setWorkloadArchived(caller, id, archived) {
    requireRole(caller, 'planner', 'archive workloads');
    const record = await writes.setWorkloadArchived(caller.workspaceId, id, archived);
    if (record === null) throw new NotFoundError('workload', id);
    return record;
  },
});

/**
 * One for one content, whatever its name. Hashes have a key of their own: traces stored before theirs were kept must not
 * be taken for the same as those that have them.
 */
function traceHash({ name: _, hashes, ...columns }: Trace): string {
  if (hashes === undefined) return contentHash(columns);
  const { blocks, starts } = hashes;
  return contentHash({ ...columns, promptBlocks: { blocks, starts } });
}
