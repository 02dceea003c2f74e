import type { Profile } from '../../core/profile/profile';
import { refuseFaulty } from '../../core/telemetry/lint-telemetry';
import type { Telemetry } from '../../core/telemetry/telemetry';
import { requireRole } from '../access';
import { sampleCount } from '../calibrate-telemetry';
import { contentHash } from '../content-hash';
import type { Service } from '../plans/service';
import type { PlannerApi, TelemetryCheck, TelemetryUpload } from '../ports/api';
import { NotFoundError } from '../ports/api-errors';
import type { ReadStore } from '../ports/read-store';
import type { TelemetryKind } from '../ports/records';
import { checkName } from '../uploads/check-name';
import { documentValue } from '../uploads/given-document';
import { findProfiles } from '../uploads/stored-profiles';

export const telemetryUses = ({
  reads,
  writes,
  simulator,
}: Service): Pick<PlannerApi, 'registerTelemetry' | 'lintTelemetry' | 'setTelemetryArchived'> => ({
  async registerTelemetry(caller, upload) {
    requireRole(caller, 'planner', 'store telemetry');
    const { kind, telemetry, findings, notes } = await check(upload, { reads, simulator, ...caller });
    refuseFaulty(findings, { source: SOURCE, path: '' });
    const { name: _, ...content } = telemetry;
    return writes.addTelemetry(caller.workspaceId, {
      contentHash: contentHash(content),
      kind,
      telemetry,
      sampleCount: sampleCount(telemetry),
      findings,
      notes,
    });
  },

  async lintTelemetry(caller, upload) {
    requireRole(caller, 'viewer', 'check telemetry');
    return check(upload, { reads, simulator, ...caller });
  },

  async setTelemetryArchived(caller, id, archived) {
    requireRole(caller, 'planner', 'archive telemetry');
    const record = await writes.setTelemetryArchived(caller.workspaceId, id, archived);
    if (record === null) throw new NotFoundError('telemetry set', id);
    return record;
  },
});

/** What names the document in errors. */
const SOURCE = 'telemetry';

async function check(
  { name, telemetry: given }: TelemetryUpload,
  of: Pick<Service, 'reads' | 'simulator'> & { readonly workspaceId: string },
): Promise<TelemetryCheck & { readonly kind: TelemetryKind }> {
  checkName(name, 'name');
  const { value, profile } = await withProfile(documentValue(given, SOURCE), of);
  const order = { source: SOURCE, value, profile };
  const { telemetry, findings, assumptions } = await of.simulator.readTelemetry(order);
  return { kind: kindOf(value, telemetry), telemetry: { ...telemetry, name }, findings, notes: assumptions };
}

/** The stored profile that the document names, which says the model too; only the database knows it. */
async function withProfile(
  value: unknown,
  { reads, workspaceId }: { readonly reads: ReadStore; readonly workspaceId: string },
): Promise<{ readonly value: unknown; readonly profile: Profile | null }> {
  if (typeof value !== 'object' || value === null) return { value, profile: null };
  const { profile: ref, model } = value as { profile?: unknown; model?: unknown };
  if (typeof ref !== 'string') return { value, profile: null };
  const [found] = await findProfiles(reads, workspaceId, [{ ref, path: 'profile' }]);
  const { profile } = found!;
  return {
    value: model === undefined || model === null ? { ...value, model: profile.modelId } : value,
    profile,
  };
}

/** What the document mainly holds. */
function kindOf(value: unknown, { requests, iterations }: Telemetry): TelemetryKind {
  if ((value as { vllm_bench?: unknown }).vllm_bench != null) return 'bench';
  if (requests !== null) return 'requests';
  return iterations === null ? 'scrape' : 'iterations';
}
