import type { ActiveCalibration } from '../core/calibration/active-calibration';
import { activeCalibration, type CalibrationJson } from '../core/calibration/calibration-json';
import { type ObservationJson, observationJson } from '../core/calibration/observation-json';
import type { Catalog } from '../core/catalog/catalog';
import { InputError } from '../core/errors';
import { reportJson } from '../core/report/report-json';
import type { ReportJson } from '../core/report/report-json-types';
import type { PlanContext } from '../core/search/family';
import type { PlanDocument } from '../formats/merge-documents';
import { DEFAULT_FIT_SHARE } from './calibrate-telemetry';
import { loadCatalog } from './load-catalog';
import { makePlan, type PlanReport } from './make-plan';
import { openPlan } from './open-plan';
import { calibrateFiles, observeFile } from './open-telemetry';
import { checkOptions, documentsOf } from './plan-arguments';
import type { FamilyRunner, PlanProgress } from './plan-capacity';
import { renderReport, reportFormatOf } from './render-report';
import { prepareTarget, replaceText } from './replace-file';
import type {
  ConfigSpaceConfig,
  ConstraintsConfig,
  ObjectiveConfig,
  OverheadConfig,
  PlanRequestConfig,
  PricesConfig,
  SimulationConfig,
  WorkloadConfig,
} from './request-config';

/** Makes the pool a plan runs on; `threads` undefined: one per processor. */
export type CreateRunner = (context: PlanContext, threads: number | undefined) => FamilyRunner;

/** What every call that plans takes. */
export interface RunOptions {
  /** Ends the search early: the report then holds what is done and says `partial: true`. */
  readonly signal?: AbortSignal;
  /** Told of candidates as they are done. */
  readonly onProgress?: (progress: PlanProgress) => void;
}

export interface PlannerOptions {
  /** Folder, file or library id of a profile, or several; for what none of them covers the library serves. */
  readonly profilePath?: string | readonly string[];
  /** Name of the model, where neither a profile nor the request names it. */
  readonly model?: string;
  /** Threads to simulate on; default one per processor. The result does not depend on it. */
  readonly threads?: number;
  /** Plan on profiles in which the lint finds errors. */
  readonly acceptProfileErrors?: boolean;
}

export interface CalibrateOptions {
  /** A telemetry document, or several of one deployment. */
  readonly telemetryPath: string | readonly string[];
  /** Share of each set, from its start, to fit on; the rest judges. Default two thirds. */
  readonly fitShare?: number;
  /**
   * Use the correction also where nothing is held out to verify it, as with a benchmark's summary. Reports mark it as not
   * verified and their intervals are wider. One that held-out samples speak against is never used. Default: false.
   */
  readonly acceptUnverified?: boolean;
}

export interface ObserveOptions {
  /** A telemetry document. */
  readonly telemetryPath: string;
  /** What `simfaasinfer calibrate --output` wrote; without it, uncalibrated predictions. */
  readonly calibrationPath?: string;
}

export interface SearchOptions extends RunOptions {
  /** Traffic: a file or its value. */
  readonly workloadDesc: string | WorkloadConfig;
  readonly configSpace?: string | ConfigSpaceConfig;
  readonly constraints?: string | ConstraintsConfig;
  readonly simulation?: string | SimulationConfig;
  readonly prices?: string | PricesConfig;
  readonly overhead?: string | OverheadConfig;
  readonly objective?: ObjectiveConfig;
}

export interface RunCapacityPlanningOptions extends PlannerOptions, RunOptions {
  /** The workload, or a whole request: a file or its value. */
  readonly workloadConfig: string | WorkloadConfig | PlanRequestConfig;
  readonly constraintsConfig?: string | ConstraintsConfig;
  readonly configSpace?: string | ConfigSpaceConfig;
  /** Where to write the report; `.json`, `.txt`, `.md` or `.csv` decides its form. */
  readonly outputPath?: string;
}

const PLANNER_OPTIONS = ['profilePath', 'model', 'threads', 'acceptProfileErrors'];
const RUN_OPTIONS = ['signal', 'onProgress'];
const RUN_CAPACITY_PLANNING_OPTIONS = [
  ...PLANNER_OPTIONS,
  ...RUN_OPTIONS,
  'workloadConfig',
  'constraintsConfig',
  'configSpace',
  'outputPath',
];
const SEARCH_OPTIONS = [
  ...RUN_OPTIONS,
  'workloadDesc',
  'configSpace',
  'constraints',
  'simulation',
  'prices',
  'overhead',
  'objective',
];

/** `runCapacityPlanning` of the library, on a given kind of pool. */
export async function runPlanning(
  options: RunCapacityPlanningOptions,
  createRunner: CreateRunner,
): Promise<ReportJson> {
  checkOptions(options, 'runCapacityPlanning', RUN_CAPACITY_PLANNING_OPTIONS);
  const { outputPath } = options;
  const format = outputPath === undefined ? null : reportFormatOf(outputPath, 'outputPath');
  if (outputPath !== undefined) prepareTarget(outputPath, 'outputPath');
  const documents = documentsOf([
    { name: 'workloadConfig', value: options.workloadConfig, section: 'workload' },
    { name: 'constraintsConfig', value: options.constraintsConfig, section: 'constraints' },
    { name: 'configSpace', value: options.configSpace, section: 'config_space' },
  ]);
  const report = await plan(documents, options, options, createRunner);
  if (outputPath !== undefined && format !== null) replaceText(outputPath, renderReport(format, report));
  return reportJson(report.result, report.context);
}

/** `CapacityPlanner` of the library, on a given kind of pool. */
export class PlannerOnPool {
  readonly #options: PlannerOptions;
  readonly #createRunner: CreateRunner;
  /** What the saved forms are rendered from: the JSON of a report holds less than the report. */
  #calibrations: readonly ActiveCalibration[] = [];
  readonly #reports = new WeakMap<ReportJson, PlanReport>();

  constructor(options: PlannerOptions, createRunner: CreateRunner) {
    checkOptions(options, 'CapacityPlanner', PLANNER_OPTIONS);
    this.#options = options;
    this.#createRunner = createRunner;
  }

  /** Evaluates every candidate of the space and returns the report. Rejects with an `InputError` on wrong input. */
  async search(options: SearchOptions): Promise<ReportJson> {
    checkOptions(options, 'search', SEARCH_OPTIONS);
    const { objective } = options;
    const documents = documentsOf([
      { name: 'workloadDesc', value: options.workloadDesc, section: 'workload' },
      { name: 'configSpace', value: options.configSpace, section: 'config_space' },
      { name: 'constraints', value: options.constraints, section: 'constraints' },
      { name: 'simulation', value: options.simulation, section: 'simulation' },
      { name: 'prices', value: options.prices, section: 'prices' },
      { name: 'overhead', value: options.overhead, section: 'overhead' },
      { name: 'objective', value: objective === undefined ? undefined : { objective } },
    ]);
    const report = await plan(documents, this.#options, options, this.#createRunner, this.#calibrations);
    const results = reportJson(report.result, report.context);
    this.#reports.set(results, report);
    return results;
  }

  /** Writes a report of this planner; `.json`, `.txt`, `.md` or `.csv` decides its form. Makes the folder. */
  saveReport(results: ReportJson, path: string): void {
    replaceText(
      path,
      renderReport(reportFormatOf(path, 'saveReport'), this.#reportOf(results, 'saveReport')),
    );
  }

  /** Writes the report for people: Markdown where the name ends in `.md`, else text. */
  saveSummary(results: ReportJson, path: string): void {
    const format = path.toLowerCase().endsWith('.md') ? 'markdown' : 'text';
    replaceText(path, renderReport(format, this.#reportOf(results, 'saveSummary')));
  }

  /**
   * Corrects the time model with what was seen of a deployment. Where the correction helps on held-out samples, searches
   * from now on use it, for candidates of its GPU and degree; where not, the answer says so and nothing changes. Where
   * nothing is held out, `acceptUnverified` decides.
   */
  async calibrate(options: CalibrateOptions): Promise<CalibrationJson> {
    checkOptions(options, 'calibrate', ['telemetryPath', 'fitShare', 'acceptUnverified']);
    const { telemetryPath, fitShare = DEFAULT_FIT_SHARE, acceptUnverified = false } = options;
    const { json } = calibrateFiles({
      paths: typeof telemetryPath === 'string' ? [telemetryPath] : telemetryPath,
      catalog: loadCatalog(),
      fitShare,
      acceptUnverified,
      acceptProfileErrors: this.#options.acceptProfileErrors ?? false,
    });
    if (!json.applied) return json;
    const fresh = activeCalibration(json, [telemetryPath].flat().join(', '));
    const same = (c: ActiveCalibration) =>
      c.gpuId === fresh.gpuId && c.tensorParallel === fresh.tensorParallel && c.profileId === fresh.profileId;
    this.#calibrations = [...this.#calibrations.filter((c) => !same(c)), fresh];
    return json;
  }

  /** Compares telemetry with the predictions of its deployment, and says whether they still hold (`drift`). */
  async predictedVsObserved(options: ObserveOptions): Promise<ObservationJson> {
    checkOptions(options, 'predictedVsObserved', ['telemetryPath', 'calibrationPath']);
    const { observed, predictions } = observeFile({
      path: options.telemetryPath,
      calibrationPath: options.calibrationPath ?? null,
      catalog: loadCatalog(),
      acceptProfileErrors: this.#options.acceptProfileErrors ?? false,
    });
    return observationJson(observed, predictions);
  }

  #reportOf(results: ReportJson, call: string): PlanReport {
    const report = this.#reports.get(results);
    if (report !== undefined) return report;
    throw new InputError({
      source: call,
      path: 'results',
      found: 'a value that is no report of this planner',
      allowed: 'what search() of the same planner returned',
    });
  }
}

async function plan(
  documents: readonly PlanDocument[],
  { profilePath = [], model, threads, acceptProfileErrors = false }: PlannerOptions,
  { signal, onProgress }: RunOptions,
  createRunner: CreateRunner,
  calibrations: readonly ActiveCalibration[] = [],
): Promise<PlanReport> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new InputError({
      source: 'threads',
      path: '',
      found: String(threads),
      allowed: 'a whole number from 1 up',
    });
  }
  const catalog: Catalog = loadCatalog();
  const profiles = typeof profilePath === 'string' ? [profilePath] : profilePath;
  const opened = openPlan({
    documents,
    profiles,
    model: model ?? null,
    catalog,
    acceptProfileErrors,
  });
  return makePlan({
    opened: { ...opened, calibrations },
    catalog,
    now: new Date(),
    createRunner: (context) => createRunner(context, threads),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
