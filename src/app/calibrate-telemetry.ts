import { calibrate } from '../core/calibration/calibrate';
import type { CalibrationSubject } from '../core/calibration/calibration-json';
import type { Served } from '../core/calibration/evidence';
import type { Catalog } from '../core/catalog/catalog';
import { InputError } from '../core/errors';
import type { Profile } from '../core/profile/profile';
import type { Telemetry, TelemetryDeployment } from '../core/telemetry/telemetry';
import { prepareServing, type Serving } from './serving';

/** A calibration, and what it belongs to. */
export interface CalibratedDeployment extends CalibrationSubject {
  /** What a reader must know of the profile, one sentence each. */
  readonly notes: readonly string[];
}

/** How a deployment that was observed is resolved. */
export interface ObservedInput {
  /** Null: the one that the telemetry names, from the library or a file; or the library's for its model. */
  readonly profile: Profile | null;
  readonly catalog: Catalog;
  readonly acceptProfileErrors: boolean;
  readonly acceptOption: string;
}

export interface CalibrateTelemetryInput extends ObservedInput {
  /** One set or several, all of one model, GPU, degree and engine. */
  readonly telemetry: readonly Telemetry[];
  /** Share of each set, from its start, that is fitted on; the rest judges. */
  readonly fitShare: number;
  /** Use the correction also where nothing is held out to verify it. Default: no. */
  readonly acceptUnverified?: boolean;
}

/** Two thirds to fit on, one to judge on. */
export const DEFAULT_FIT_SHARE = 2 / 3;

/** Corrects the time model of one deployment by what was seen of it. */
export function calibrateTelemetry(input: CalibrateTelemetryInput): CalibratedDeployment {
  const { telemetry, fitShare, acceptUnverified = false } = input;
  checkFitShare(fitShare);
  const served = telemetry.map((set) => ({ set, serving: servingOf(set, input) }));
  const first = served[0]!;
  for (const other of served.slice(1)) checkSame(first, other);
  const { serving } = first;
  const calibration = calibrate({
    sets: served.map(({ set, serving: s }) => ({
      served: servedBy(s),
      telemetry: set,
    })),
    fitShare,
    acceptUnverified,
  });
  return {
    modelId: serving.model.id,
    gpuId: serving.gpu.id,
    tensorParallel: serving.deployment.tensorParallel,
    engineVersion: first.set.deployment.engineVersion,
    profileId: serving.named.id,
    calibration,
    telemetry: telemetry.map((set) => ({ name: set.name, samples: sampleCount(set) })),
    notes: serving.notes,
  };
}

/** Requests, steps and summaries of a set. */
export const sampleCount = ({ requests, iterations, summary }: Telemetry): number =>
  (requests?.arrivedAtS.length ?? 0) + (iterations?.length ?? 0) + (summary?.requests ?? 0);

/** Less is fitted on hardly anything. */
export const LEAST_FIT_SHARE = 0.1;

function checkFitShare(fitShare: number): void {
  if (fitShare >= LEAST_FIT_SHARE && fitShare <= 1) return;
  throw new InputError({
    source: 'fitShare',
    path: '',
    found: String(fitShare),
    allowed: `a share from ${LEAST_FIT_SHARE} to 1`,
  });
}

export const servedBy = (serving: Serving): Served => ({
  ...serving,
  numBlocks: serving.memory.numGpuBlocks,
});

/** The deployment that the telemetry was taken on. */
export function servingOf(set: Telemetry, input: ObservedInput): Serving {
  const { profile, modelId, deployment } = set.deployment;
  return prepareServing({
    request: { profile, modelId, deployment, overhead: NOT_GIVEN },
    profile: input.profile,
    longestRequestTokens: longestOf(set),
    source: set.name,
    catalog: input.catalog,
    acceptProfileErrors: input.acceptProfileErrors,
    acceptOption: input.acceptOption,
  });
}

const NOT_GIVEN = { stepMs: null, requestMs: null, firstTokenExtraSteps: null };

function longestOf({ requests, summary }: Telemetry): number {
  const { promptTokens, outputTokens } = requests ?? {
    promptTokens: new Int32Array(),
    outputTokens: new Int32Array(),
  };
  const mean = summary === null ? 1 : Math.ceil(summary.meanPromptTokens + summary.meanOutputTokens);
  return promptTokens.reduce((most, prompt, i) => Math.max(most, prompt + outputTokens[i]!), mean);
}

interface ServedSet {
  readonly set: Telemetry;
  readonly serving: Serving;
}

/** A calibration of several deployments at once would be of none of them. */
function checkSame(first: ServedSet, other: ServedSet): void {
  const key = ({ set, serving }: ServedSet) =>
    [
      serving.model.id,
      serving.gpu.id,
      `tp${serving.deployment.tensorParallel}`,
      engineOf(set.deployment),
      serving.named.id,
    ].join(', ');
  if (key(first) === key(other)) return;
  throw new InputError({
    source: other.set.name,
    path: '',
    found: key(other),
    allowed: `${key(first)}, as in ${first.set.name}`,
    hint: 'calibrate each model, GPU, tensor-parallel degree, engine version and profile for itself',
  });
}

const engineOf = ({ engineVersion }: TelemetryDeployment): string => engineVersion.trim().toLowerCase();
