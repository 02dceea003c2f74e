import type { ActiveCalibration } from '../core/calibration/active-calibration';
import type { Catalog } from '../core/catalog/catalog';
import { ENGINE_VERSION } from '../core/engine/version';
import { InputError } from '../core/errors';
import type { Profile } from '../core/profile/profile';
import { choose } from '../core/search/choose';
import { type Enumerated, enumerate } from '../core/search/enumerate';
import type { Evaluation, Family, PlanContext } from '../core/search/family';
import type { PlanRequest } from '../core/search/request';
import type { CandidateResult, PlanResult } from '../core/search/result';
import { solveReplicas } from '../core/search/solve-replicas';
import { familiesOf } from './families';
import { planContextOf } from './plan-context';
import { finishCandidate, prepareCandidates } from './prepare-candidates';

/** Simulates families of candidates somewhere: in this thread, on a pool, on other machines. */
export interface FamilyRunner {
  /**
   * Resolves with every evaluation made. After `signal` aborts it resolves soon, with those made until then.
   * `onEvaluation` hears of each as it is made.
   */
  run(
    families: readonly Family[],
    onEvaluation: (evaluation: Evaluation) => void,
    signal: AbortSignal | undefined,
  ): Promise<readonly Evaluation[]>;
  close(): Promise<void>;
}

export interface PlanProgress {
  /** Candidates with an answer, of all. */
  readonly done: number;
  readonly total: number;
}

export interface PlanInput {
  readonly request: PlanRequest;
  readonly userProfiles: readonly Profile[];
  readonly catalog: Catalog;
  /** Corrections of the time model, for the GPUs and degrees they belong to. */
  readonly calibrations: readonly ActiveCalibration[];
  /** Sentences on defaults used, from parsing. */
  readonly assumptions: readonly string[];
  readonly createRunner: (context: PlanContext) => FamilyRunner;
  readonly onProgress?: (progress: PlanProgress) => void;
  readonly signal?: AbortSignal;
}

/** Evaluates every candidate of a request and chooses among them. Rejects only on a fault of ours or an InputError. */
export async function planCapacity(input: PlanInput): Promise<PlanResult> {
  const { request, catalog, signal } = input;
  refuseTwoOverheads(input);
  const cpuBefore = process.cpuUsage();
  const model = catalog.models.find((m) => m.id === request.modelId)!;
  const context = planContextOf(request, model);
  const prepare = prepareCandidates({ ...input, model });
  const runner = input.createRunner(context);
  const candidates: CandidateResult[] = [];
  let simulations = 0;
  try {
    let round: Enumerated[] = enumerate(request, model);
    let total = round.length;
    while (round.length > 0) {
      const prepared = round.map(prepare.candidate);
      const settled = prepared.filter((p) => p.settled !== null).length;
      let done = candidates.length + settled;
      input.onProgress?.({ done, total });
      const evaluations = await runner.run(
        familiesOf(prepared),
        () => input.onProgress?.({ done: ++done, total }),
        signal,
      );
      simulations += evaluations.reduce((sum, e) => sum + e.simulations, 0);
      const byId = new Map(evaluations.map((e) => [e.configId, e]));
      for (const p of prepared)
        candidates.push(p.settled ?? finishCandidate(p, byId.get(p.configId) ?? null, request));
      round = signal?.aborted === true ? [] : solveReplicas(request, candidates);
      total += round.length;
    }
  } finally {
    await runner.close();
  }
  const cpu = process.cpuUsage(cpuBefore);
  return {
    request,
    candidates,
    ...choose(candidates, request.objective),
    partial: candidates.some((c) => c.status === 'NOT_EVALUATED'),
    simulations,
    simulationCpuS: (cpu.user + cpu.system) / 1e6,
    engineVersion: ENGINE_VERSION,
    priceBookVersion: catalog.prices.version,
    notes: [...input.assumptions, ...prepare.notes(), ...unusedCalibrations(input, candidates)],
    warnings: [...unverifiedCalibrations(input, candidates), ...prepare.warnings()],
  };
}

/** A calibration fits the very overheads that the request may give. */
function refuseTwoOverheads({ request, calibrations }: PlanInput): void {
  const { stepMs, requestMs } = request.overhead;
  const [first] = calibrations;
  if (first === undefined || (stepMs === null && requestMs === null)) return;
  throw new InputError({
    source: 'request',
    path: 'overhead',
    found: `${stepMs === null ? 'request_ms' : 'step_ms'} beside the calibration with ${first.id}, which fits it`,
    allowed: 'one of the two',
    hint: 'leave overhead out, or plan without telemetry',
  });
}

/** Calibrations of GPUs, degrees or profiles that no simulated candidate has: not an error, but to be known. */
const unusedCalibrations = ({ calibrations }: PlanInput, candidates: readonly CandidateResult[]): string[] =>
  calibrations
    .filter((calibration) => !isUsed(calibration, candidates))
    .map(
      (c) =>
        `The calibration with ${c.id} is not used: no simulated candidate has ${c.gpuId} at tensor-parallel ${c.tensorParallel} with the profile ${c.profileId}.`,
    );

/** Calibrations used because the caller accepted them, with nothing to show that they help. */
const unverifiedCalibrations = (
  { calibrations }: PlanInput,
  candidates: readonly CandidateResult[],
): string[] =>
  calibrations
    .filter((calibration) => !calibration.verified && isUsed(calibration, candidates))
    .map(
      (c) =>
        `Calibrated with ${c.id}: step times count as no better known than uncalibrated ones, and the intervals reach back to those.`,
    );

const isUsed = ({ id }: ActiveCalibration, candidates: readonly CandidateResult[]): boolean =>
  candidates.some((c) => c.calibrationId === id);
