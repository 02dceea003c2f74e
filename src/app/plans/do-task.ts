import { ENGINE_VERSION } from '../../core/engine/version';
import { InputError } from '../../core/errors';
import { enumerate } from '../../core/search/enumerate';
import type { Evaluation } from '../../core/search/family';
import { familiesOf } from '../families';
import type { FamilyEvaluator } from '../ports/family-evaluator';
import {
  type ClaimedTask,
  type EvaluatedTask,
  type RunStore,
  StoreUnavailableError,
  type TaskMember,
} from '../ports/run-store';
import { finishCandidate } from '../prepare-candidates';
import { concludeRun } from './conclude-run';
import { type OpenedRun, type OpenRuns, roundOf } from './open-run';

/** Times a task is tried before its candidates are called failed. */
const ATTEMPTS_MAX = 5;

export interface DoTaskInput {
  /** What it saves has to get through while the database is away for a moment. */
  readonly store: RunStore;
  readonly runs: OpenRuns;
  readonly evaluator: FamilyEvaluator;
  readonly onEvaluated: (evaluated: EvaluatedTask) => void;
}

/**
 * Does one task of a run. Whatever is thrown is a fault of ours or of the machine: the task is to be tried again. Rejects
 * with an AbortError when `signal` aborts.
 */
export async function doTask(input: DoTaskInput, task: ClaimedTask, signal: AbortSignal): Promise<void> {
  const { store, runs } = input;
  let run: OpenedRun | null;
  try {
    run = await runs.open(task.runId);
    if (run === null) return;
    refuseOtherEngine(run);
    if (task.kind === 'prepare') return await prepareRun(store, task, run);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    if (task.attempt <= ATTEMPTS_MAX && !(error instanceof InputError)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    await store.fail(task.runId, message);
    return;
  }
  if (task.kind === 'evaluate') return evaluateTask(input, task, run, signal);
  return concludeRun(input, task.runId, task);
}

async function prepareRun(
  store: RunStore,
  task: ClaimedTask,
  { work, context, prepare }: OpenedRun,
): Promise<void> {
  const prepared = enumerate(work.request, context.model).map(prepare.candidate);
  const used = prepare.usedCalibrations();
  const calibrated = work.calibrations
    .filter(({ name }) => used.includes(name))
    .map(
      (c) =>
        `${c.gpuId} at tensor-parallel ${c.tensorParallel}: times are corrected by calibration ${c.id}, fitted on ${c.engineVersion}.`,
    );
  await store.savePrepared(task, {
    round: roundOf(prepared),
    profiles: prepare.usedProfiles(),
    calibrationIds: used,
    notes: [...work.assumptions, ...calibrated, ...prepare.notes()],
    warnings: prepare.warnings(),
  });
}

async function evaluateTask(
  { store, evaluator, onEvaluated }: DoTaskInput,
  task: ClaimedTask,
  { prepare, work, context }: OpenedRun,
  signal: AbortSignal,
): Promise<void> {
  const prepared = membersOf(task).map((member) => prepare.candidate({ ...member, invalid: null }));
  const [family] = familiesOf(prepared);
  const gaveUp = task.attempt > ATTEMPTS_MAX;
  const { evaluations, busyS } =
    gaveUp || family === undefined
      ? { evaluations: [], busyS: 0 }
      : await evaluator.evaluate({ contextKey: task.runId, context, family }, { signal });
  const byId = new Map(evaluations.map((e) => [e.configId, e]));
  const evaluated: EvaluatedTask = {
    candidates: prepared.map(
      (p) => p.settled ?? finishCandidate(p, byId.get(p.configId) ?? failed(p.configId, task), work.request),
    ),
    simulations: evaluations.reduce((sum, e) => sum + e.simulations, 0),
    simulationS: busyS,
  };
  if (await store.saveEvaluated(task, evaluated)) onEvaluated(evaluated);
}

/** As `savePrepared` and `addRound` wrote them. */
const membersOf = (task: ClaimedTask): readonly TaskMember[] => task.members as readonly TaskMember[];

const failed = (configId: number, { attempt, lastError }: ClaimedTask): Evaluation => ({
  configId,
  status: 'FAILED',
  reason: `given up after ${attempt - 1} attempts: ${lastError ?? 'each time the worker died'}`,
  maxQps: null,
  samplingInterval: null,
  binding: null,
  targets: [],
  metrics: null,
  loadCurve: [],
  uncalibrated: null,
  simulations: 0,
});

/** Candidates of one run must come from one engine. */
function refuseOtherEngine({ work: { run } }: OpenedRun): void {
  if (run.engineVersion === ENGINE_VERSION) return;
  throw new InputError({
    source: 'run',
    path: 'engineVersion',
    found: `a run begun with engine ${run.engineVersion}`,
    allowed: `engine ${ENGINE_VERSION}, that of this worker`,
    hint: 'run the plan again: a rerun uses the engine of today',
  });
}
