import type { PlanRecord, RunRecord } from '../../app/ports/records';

// Plans and runs as columns. Lists of them are read with every page of candidates, so the mapping is a plain function.

export interface PlanRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly plan_request_id: string;
  readonly model_id: string;
  readonly name: string;
  readonly idempotency_key: string | null;
  readonly priority: PlanRecord['priority'];
  readonly deadline_s: number | null;
  readonly simulations_max: number | null;
  readonly use_calibrations: boolean;
  readonly accept_profile_errors: boolean;
  readonly created_by_id: string | null;
  readonly created_at: Date;
  readonly archived_at: Date | null;
}

export const planColumns = [
  'id',
  'workspace_id',
  'plan_request_id',
  'model_id',
  'name',
  'idempotency_key',
  'priority',
  'deadline_s',
  'simulations_max',
  'use_calibrations',
  'accept_profile_errors',
  'created_by_id',
  'created_at',
  'archived_at',
] as const satisfies readonly (keyof PlanRow)[];

export const fromPlanRow = (row: PlanRow): PlanRecord => ({
  id: row.id,
  workspaceId: row.workspace_id,
  planRequestId: row.plan_request_id,
  modelId: row.model_id,
  name: row.name,
  idempotencyKey: row.idempotency_key,
  priority: row.priority,
  deadlineS: row.deadline_s,
  simulationsMax: row.simulations_max,
  useCalibrations: row.use_calibrations,
  acceptProfileErrors: row.accept_profile_errors,
  createdById: row.created_by_id,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
});

export interface RunRow {
  readonly id: string;
  readonly plan_id: string;
  readonly workspace_id: string;
  readonly model_id: string;
  readonly number: number;
  readonly status: RunRecord['status'];
  readonly stop_reason: RunRecord['stopReason'];
  readonly error: string | null;
  readonly engine_version: string;
  readonly catalog_version: string;
  readonly price_book_id: string;
  readonly candidate_count: number;
  readonly evaluated_count: number;
  readonly failed_count: number;
  readonly feasible_count: number;
  readonly simulations: number;
  readonly simulation_s: number;
  readonly best_config_id: number | null;
  readonly budget_config_id: number | null;
  readonly premium_config_id: number | null;
  readonly tied_config_ids: readonly number[] | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly deadline_at: Date | null;
}

export const runColumns = [
  'id',
  'plan_id',
  'workspace_id',
  'model_id',
  'number',
  'status',
  'stop_reason',
  'error',
  'engine_version',
  'catalog_version',
  'price_book_id',
  'candidate_count',
  'evaluated_count',
  'failed_count',
  'feasible_count',
  'simulations',
  'simulation_s',
  'best_config_id',
  'budget_config_id',
  'premium_config_id',
  'tied_config_ids',
  'created_at',
  'started_at',
  'finished_at',
  'deadline_at',
] as const satisfies readonly (keyof RunRow)[];

export const fromRunRow = (row: RunRow): RunRecord => ({
  id: row.id,
  planId: row.plan_id,
  workspaceId: row.workspace_id,
  modelId: row.model_id,
  number: row.number,
  status: row.status,
  stopReason: row.stop_reason,
  error: row.error,
  engineVersion: row.engine_version,
  catalogVersion: row.catalog_version,
  priceBookId: row.price_book_id,
  candidateCount: row.candidate_count,
  evaluatedCount: row.evaluated_count,
  failedCount: row.failed_count,
  feasibleCount: row.feasible_count,
  simulations: row.simulations,
  simulationS: row.simulation_s,
  bestConfigId: row.best_config_id,
  budgetConfigId: row.budget_config_id,
  premiumConfigId: row.premium_config_id,
  tiedConfigIds: row.tied_config_ids ?? [],
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  deadlineAt: row.deadline_at,
});
