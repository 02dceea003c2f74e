/**
 * The library: plan a deployment, simulate one, look at profiles. Request files and plain objects have the snake_case
 * keys of the request files, options of functions are camelCase. What a caller can mend is an `InputError`.
 *
 * @packageDocumentation
 */
import { createPiscinaRunner } from './adapters/workers/piscina-runner';
import {
  PlannerOnPool,
  type PlannerOptions,
  type RunCapacityPlanningOptions,
  runPlanning,
} from './app/capacity-planner';
import type { ReportJson } from './core/report/report-json-types';

/**
 * Plans a deployment and returns the report: `best_configuration` (null when nothing fits), `pareto_frontier`,
 * `all_candidates`, `summary`, …; times in ms, money in US dollars, rates in requests/s.
 *
 * Rejects with an `InputError` on wrong input. Simulates on threads of its own; the caller's stays free.
 *
 * @example
 * const results = await runCapacityPlanning({
 *   profilePath: 'profiles/a100/fitted_profile.json',
 *   workloadConfig: 'workload/production.yaml',
 *   outputPath: 'results/capacity_plan.json',
 * });
 * console.log(results.best_configuration?.gpu_type, results.best_configuration?.cost?.cost_per_hour);
 */
export const runCapacityPlanning = (options: RunCapacityPlanningOptions): Promise<ReportJson> =>
  runPlanning(options, createPiscinaRunner);

/**
 * Plans several times with the same profiles, and saves reports in several forms.
 *
 * @example
 * const planner = new CapacityPlanner({ profilePath: 'a100-80gb/llama-2-7b/tp1/kernel-sum-bf16' });
 * const results = await planner.search({
 *   workloadDesc: { arrival_rate_range: [10, 100] },
 *   configSpace: { gpu_types: ['A100', 'H100'], num_gpus: [2, 4, 8] },
 *   constraints: { max_ttft_p95_ms: 2000, max_cost_per_hour: 50 },
 * });
 * planner.saveReport(results, 'results/capacity_plan.json');
 * planner.saveSummary(results, 'results/capacity_plan.txt');
 */
export class CapacityPlanner extends PlannerOnPool {
  constructor(options: PlannerOptions = {}) {
    super(options, createPiscinaRunner);
  }
}

export type {
  CalibrateOptions,
  ObserveOptions,
  PlannerOptions,
  RunCapacityPlanningOptions,
  RunOptions,
  SearchOptions,
} from './app/capacity-planner';
export { type LibraryEntry, listLibrary as listProfiles } from './app/library';
export { lintNamedProfile as lintProfile } from './app/named-profile';
export type { PlanProgress } from './app/plan-capacity';
export type * from './app/request-config';
export {
  type SimulateOptions,
  type SimulateResult,
  simulateFromValues as simulateDeployment,
} from './app/simulate-from-values';
export type { CalibrationJson } from './core/calibration/calibration-json';
export type { ObservationJson } from './core/calibration/observation-json';
export { InputError, type InputFault } from './core/errors';
export type { LintCode, LintFinding, LintSeverity } from './core/profile/lint-finding';
export type * from './core/report/report-json-types';
export type { WireMetrics } from './formats/write-metrics';
