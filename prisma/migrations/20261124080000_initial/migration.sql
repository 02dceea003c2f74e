-- CreateEnum
CREATE TYPE "role" AS ENUM ('viewer', 'planner', 'admin');

-- CreateEnum
CREATE TYPE "price_kind" AS ENUM ('on-demand', 'spot', 'reserved-1y');

-- CreateEnum
CREATE TYPE "profile_kind" AS ENUM ('measured', 'composed');

-- CreateEnum
CREATE TYPE "telemetry_kind" AS ENUM ('requests', 'iterations', 'bench', 'scrape');

-- CreateEnum
CREATE TYPE "plan_priority" AS ENUM ('low', 'normal', 'high');

-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('queued', 'running', 'stopping', 'completed', 'stopped', 'cancelled', 'failed');

-- CreateEnum
CREATE TYPE "stop_reason" AS ENUM ('cancelled', 'deadline', 'simulations');

-- CreateEnum
CREATE TYPE "task_kind" AS ENUM ('prepare', 'evaluate', 'conclude');

-- CreateEnum
CREATE TYPE "candidate_status" AS ENUM ('FEASIBLE', 'CAPPED', 'INFEASIBLE', 'DOES_NOT_FIT', 'OVER_BUDGET', 'BELOW_MIN_QPS', 'INVALID', 'FAILED', 'NOT_EVALUATED');

-- CreateEnum
CREATE TYPE "time_basis" AS ENUM ('measured', 'extrapolated', 'scaled');

-- CreateTable
CREATE TABLE "workspaces" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gpus" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "memory_bytes" BIGINT NOT NULL,
    "memory_bandwidth_bytes_per_s" DOUBLE PRECISION NOT NULL,
    "flops16_per_s" DOUBLE PRECISION NOT NULL,
    "flops8_per_s" DOUBLE PRECISION,
    "link_bytes_per_s" DOUBLE PRECISION NOT NULL,
    "max_gpus_per_node" INTEGER NOT NULL,
    "catalog_version" TEXT NOT NULL,

    CONSTRAINT "gpus_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models" (
    "id" TEXT NOT NULL,
    "hf_id" TEXT NOT NULL,
    "attention" TEXT NOT NULL,
    "layers" INTEGER NOT NULL,
    "hidden_size" INTEGER NOT NULL,
    "heads" INTEGER NOT NULL,
    "kv_heads" INTEGER NOT NULL,
    "head_dim" INTEGER NOT NULL,
    "max_context_tokens" INTEGER NOT NULL,
    "params_total" DOUBLE PRECISION NOT NULL,
    "params_active" DOUBLE PRECISION NOT NULL,
    "weight_bytes_per_param" DOUBLE PRECISION NOT NULL,
    "weight_bytes" DOUBLE PRECISION NOT NULL,
    "kv_bytes_per_token" DOUBLE PRECISION NOT NULL,
    "linear_flops_per_token" DOUBLE PRECISION NOT NULL,
    "catalog_version" TEXT NOT NULL,

    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_books" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "price_books_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_quotes" (
    "price_book_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "region" TEXT,
    "kind" "price_kind" NOT NULL,
    "usd_per_gpu_hour" DOUBLE PRECISION NOT NULL,
    "gpus_per_instance" INTEGER,
    "product" TEXT NOT NULL,
    "date" TEXT,
    "source" TEXT NOT NULL,

    CONSTRAINT "price_quotes_pkey" PRIMARY KEY ("price_book_id","position")
);

-- CreateTable
CREATE TABLE "shipped_data" (
    "data_hash" TEXT NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shipped_data_pkey" PRIMARY KEY ("data_hash")
);

-- CreateTable
CREATE TABLE "profiles" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "content_hash" TEXT NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "tensor_parallel" INTEGER NOT NULL,
    "kind" "profile_kind" NOT NULL,
    "engine" TEXT,
    "dtype" TEXT,
    "weight_bytes_per_param" DOUBLE PRECISION,
    "measured_on" TEXT,
    "prefill_row_count" INTEGER NOT NULL,
    "decode_row_count" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "findings" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "profiles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "traces" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "request_count" INTEGER NOT NULL,
    "duration_s" DOUBLE PRECISION NOT NULL,
    "mean_prompt_tokens" DOUBLE PRECISION NOT NULL,
    "mean_output_tokens" DOUBLE PRECISION NOT NULL,
    "arrived_at_s" DOUBLE PRECISION[],
    "prompt_tokens" INTEGER[],
    "output_tokens" INTEGER[],
    "cached_prompt_tokens" INTEGER[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "traces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workloads" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "definition" JSONB NOT NULL,
    "trace_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "workloads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "telemetry_sets" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "kind" "telemetry_kind" NOT NULL,
    "model_id" TEXT NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "tensor_parallel" INTEGER NOT NULL,
    "engine_version" TEXT,
    "deployment" JSONB NOT NULL,
    "sample_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "telemetry_sets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "telemetry_requests" (
    "telemetry_set_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "arrived_at_s" DOUBLE PRECISION,
    "prompt_tokens" INTEGER,
    "output_tokens" INTEGER,
    "cached_prompt_tokens" INTEGER,
    "ttft_ms" DOUBLE PRECISION,
    "tpot_ms" DOUBLE PRECISION,
    "e2e_ms" DOUBLE PRECISION,

    CONSTRAINT "telemetry_requests_pkey" PRIMARY KEY ("telemetry_set_id","position")
);

-- CreateTable
CREATE TABLE "telemetry_iterations" (
    "telemetry_set_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "batch_size" INTEGER NOT NULL,
    "prompt_tokens" INTEGER,
    "context_tokens" INTEGER,
    "time_ms" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "telemetry_iterations_pkey" PRIMARY KEY ("telemetry_set_id","position")
);

-- CreateTable
CREATE TABLE "calibrations" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "tensor_parallel" INTEGER NOT NULL,
    "engine_version" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "parameters" JSONB NOT NULL,
    "error_before" JSONB NOT NULL,
    "error_after" JSONB NOT NULL,
    "applied" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "calibrations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "calibration_telemetry" (
    "calibration_id" UUID NOT NULL,
    "telemetry_set_id" UUID NOT NULL,

    CONSTRAINT "calibration_telemetry_pkey" PRIMARY KEY ("calibration_id","telemetry_set_id")
);

-- CreateTable
CREATE TABLE "plan_requests" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "content_hash" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "request" JSONB NOT NULL,
    "assumptions" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_request_traces" (
    "plan_request_id" UUID NOT NULL,
    "trace_id" UUID NOT NULL,

    CONSTRAINT "plan_request_traces_pkey" PRIMARY KEY ("plan_request_id","trace_id")
);

-- CreateTable
CREATE TABLE "plans" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "plan_request_id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "launch_hash" TEXT NOT NULL,
    "priority" "plan_priority" NOT NULL DEFAULT 'normal',
    "deadline_s" DOUBLE PRECISION,
    "simulations_max" INTEGER,
    "accept_profile_errors" BOOLEAN NOT NULL DEFAULT false,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_profiles" (
    "plan_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "profile_id" UUID NOT NULL,

    CONSTRAINT "plan_profiles_pkey" PRIMARY KEY ("plan_id","position")
);

-- CreateTable
CREATE TABLE "plan_runs" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "plan_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "status" "run_status" NOT NULL DEFAULT 'queued',
    "stop_reason" "stop_reason",
    "error" TEXT,
    "engine_version" TEXT NOT NULL,
    "catalog_version" TEXT NOT NULL,
    "price_book_id" UUID NOT NULL,
    "candidate_count" INTEGER NOT NULL DEFAULT 0,
    "evaluated_count" INTEGER NOT NULL DEFAULT 0,
    "failed_count" INTEGER NOT NULL DEFAULT 0,
    "feasible_count" INTEGER NOT NULL DEFAULT 0,
    "task_count" INTEGER NOT NULL DEFAULT 0,
    "done_task_count" INTEGER NOT NULL DEFAULT 0,
    "simulations" INTEGER NOT NULL DEFAULT 0,
    "simulation_s" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "best_config_id" INTEGER,
    "budget_config_id" INTEGER,
    "premium_config_id" INTEGER,
    "tied_config_ids" INTEGER[],
    "notes" TEXT[],
    "warnings" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),

    CONSTRAINT "plan_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_run_profiles" (
    "run_id" UUID NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "tensor_parallel" INTEGER NOT NULL,
    "profile_id" UUID NOT NULL,
    "scaled" BOOLEAN NOT NULL,

    CONSTRAINT "plan_run_profiles_pkey" PRIMARY KEY ("run_id","gpu_id","tensor_parallel")
);

-- CreateTable
CREATE TABLE "plan_run_calibrations" (
    "run_id" UUID NOT NULL,
    "calibration_id" UUID NOT NULL,

    CONSTRAINT "plan_run_calibrations_pkey" PRIMARY KEY ("run_id","calibration_id")
);

-- CreateTable
CREATE TABLE "plan_tasks" (
    "run_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" "task_kind" NOT NULL,
    "members" JSONB,
    "done" BOOLEAN NOT NULL DEFAULT false,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "worker_id" UUID,
    "job_id" UUID NOT NULL,
    "queue_position" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "plan_tasks_pkey" PRIMARY KEY ("run_id","position")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "threads" INTEGER NOT NULL,
    "engine_version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "candidates" (
    "run_id" UUID NOT NULL,
    "config_id" INTEGER NOT NULL,
    "workspace_id" UUID NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "tensor_parallel" INTEGER NOT NULL,
    "pipeline_parallel" INTEGER NOT NULL,
    "num_replicas" INTEGER NOT NULL,
    "total_gpus" INTEGER NOT NULL,
    "scheduler" TEXT NOT NULL,
    "max_batch_size" INTEGER NOT NULL,
    "engine_settings" JSONB NOT NULL,
    "status" "candidate_status" NOT NULL,
    "reason" TEXT,
    "basis" "time_basis",
    "profile_label" TEXT,
    "max_qps" DOUBLE PRECISION,
    "max_qps_low" DOUBLE PRECISION,
    "max_qps_high" DOUBLE PRECISION,
    "binding" TEXT,
    "meets_all_targets" BOOLEAN NOT NULL,
    "cost_per_hour_usd" DOUBLE PRECISION,
    "cost_per_1k_requests_usd" DOUBLE PRECISION,
    "cost_per_million_input_tokens_usd" DOUBLE PRECISION,
    "cost_per_million_output_tokens_usd" DOUBLE PRECISION,
    "qps_per_dollar" DOUBLE PRECISION,
    "price_source" TEXT,
    "e2e_p50_ms" DOUBLE PRECISION,
    "e2e_p95_ms" DOUBLE PRECISION,
    "e2e_p99_ms" DOUBLE PRECISION,
    "ttft_p95_ms" DOUBLE PRECISION,
    "tbt_p99_ms" DOUBLE PRECISION,
    "mfu" DOUBLE PRECISION,
    "memory_utilization" DOUBLE PRECISION,
    "targets" JSONB NOT NULL,
    "metrics" JSONB,
    "memory" JSONB,
    "overhead" JSONB,

    CONSTRAINT "candidates_pkey" PRIMARY KEY ("run_id","config_id")
);

-- CreateTable
CREATE TABLE "load_points" (
    "run_id" UUID NOT NULL,
    "config_id" INTEGER NOT NULL,
    "position" SMALLINT NOT NULL,
    "rate_qps" DOUBLE PRECISION NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "failed_on" TEXT,
    "stopped_early" BOOLEAN NOT NULL,
    "ttft_ms" DOUBLE PRECISION[],
    "tbt_ms" DOUBLE PRECISION[],
    "tpot_ms" DOUBLE PRECISION[],
    "e2e_ms" DOUBLE PRECISION[],

    CONSTRAINT "load_points_pkey" PRIMARY KEY ("run_id","config_id","position")
);

-- CreateTable
CREATE TABLE "frontier_points" (
    "run_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "config_id" INTEGER NOT NULL,

    CONSTRAINT "frontier_points_pkey" PRIMARY KEY ("run_id","position")
);

-- CreateIndex
CREATE UNIQUE INDEX "workspaces_name_key" ON "workspaces"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_secret_hash_key" ON "api_keys"("secret_hash");

-- CreateIndex
CREATE INDEX "api_keys_workspace_id_idx" ON "api_keys"("workspace_id");

-- CreateIndex
CREATE INDEX "price_books_workspace_id_created_at_idx" ON "price_books"("workspace_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "price_books_workspace_id_content_hash_key" ON "price_books"("workspace_id", "content_hash");

-- CreateIndex
CREATE INDEX "price_quotes_gpu_id_idx" ON "price_quotes"("gpu_id");

-- CreateIndex
CREATE INDEX "profiles_model_id_gpu_id_tensor_parallel_idx" ON "profiles"("model_id", "gpu_id", "tensor_parallel");

-- CreateIndex
CREATE INDEX "profiles_gpu_id_idx" ON "profiles"("gpu_id");

-- CreateIndex
CREATE UNIQUE INDEX "profiles_workspace_id_name_version_key" ON "profiles"("workspace_id", "name", "version");

-- CreateIndex
CREATE UNIQUE INDEX "profiles_workspace_id_content_hash_key" ON "profiles"("workspace_id", "content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "traces_workspace_id_content_hash_key" ON "traces"("workspace_id", "content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "traces_workspace_id_name_key" ON "traces"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "workloads_trace_id_idx" ON "workloads"("trace_id");

-- CreateIndex
CREATE UNIQUE INDEX "workloads_workspace_id_content_hash_key" ON "workloads"("workspace_id", "content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "workloads_workspace_id_name_key" ON "workloads"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "telemetry_sets_model_id_gpu_id_tensor_parallel_idx" ON "telemetry_sets"("model_id", "gpu_id", "tensor_parallel");

-- CreateIndex
CREATE INDEX "telemetry_sets_gpu_id_idx" ON "telemetry_sets"("gpu_id");

-- CreateIndex
CREATE UNIQUE INDEX "telemetry_sets_workspace_id_content_hash_key" ON "telemetry_sets"("workspace_id", "content_hash");

-- CreateIndex
CREATE INDEX "calibrations_model_id_idx" ON "calibrations"("model_id");

-- CreateIndex
CREATE INDEX "calibrations_gpu_id_idx" ON "calibrations"("gpu_id");

-- CreateIndex
CREATE UNIQUE INDEX "calibrations_workspace_id_model_id_gpu_id_tensor_parallel_e_key" ON "calibrations"("workspace_id", "model_id", "gpu_id", "tensor_parallel", "engine_version", "version");

-- CreateIndex
CREATE INDEX "calibration_telemetry_telemetry_set_id_idx" ON "calibration_telemetry"("telemetry_set_id");

-- CreateIndex
CREATE INDEX "plan_requests_model_id_idx" ON "plan_requests"("model_id");

-- CreateIndex
CREATE UNIQUE INDEX "plan_requests_workspace_id_content_hash_key" ON "plan_requests"("workspace_id", "content_hash");

-- CreateIndex
CREATE INDEX "plan_request_traces_trace_id_idx" ON "plan_request_traces"("trace_id");

-- CreateIndex
CREATE INDEX "plans_workspace_id_created_at_id_idx" ON "plans"("workspace_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "plans_workspace_id_name_id_idx" ON "plans"("workspace_id", "name", "id");

-- CreateIndex
CREATE INDEX "plans_plan_request_id_idx" ON "plans"("plan_request_id");

-- CreateIndex
CREATE INDEX "plans_model_id_idx" ON "plans"("model_id");

-- CreateIndex
CREATE INDEX "plans_created_by_id_idx" ON "plans"("created_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "plans_workspace_id_idempotency_key_key" ON "plans"("workspace_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "plan_profiles_profile_id_idx" ON "plan_profiles"("profile_id");

-- CreateIndex
CREATE INDEX "plan_runs_workspace_id_model_id_finished_at_id_idx" ON "plan_runs"("workspace_id", "model_id", "finished_at", "id");

-- CreateIndex
CREATE INDEX "plan_runs_status_idx" ON "plan_runs"("status");

-- CreateIndex
CREATE INDEX "plan_runs_price_book_id_idx" ON "plan_runs"("price_book_id");

-- CreateIndex
CREATE INDEX "plan_runs_model_id_idx" ON "plan_runs"("model_id");

-- CreateIndex
CREATE UNIQUE INDEX "plan_runs_plan_id_number_key" ON "plan_runs"("plan_id", "number");

-- CreateIndex
CREATE INDEX "plan_run_profiles_profile_id_idx" ON "plan_run_profiles"("profile_id");

-- CreateIndex
CREATE INDEX "plan_run_calibrations_calibration_id_idx" ON "plan_run_calibrations"("calibration_id");

-- CreateIndex
CREATE INDEX "plan_tasks_worker_id_idx" ON "plan_tasks"("worker_id");

-- CreateIndex
CREATE INDEX "candidates_workspace_id_qps_per_dollar_run_id_config_id_idx" ON "candidates"("workspace_id", "qps_per_dollar", "run_id", "config_id");

-- CreateIndex
CREATE INDEX "candidates_workspace_id_max_qps_run_id_config_id_idx" ON "candidates"("workspace_id", "max_qps", "run_id", "config_id");

-- CreateIndex
CREATE INDEX "candidates_workspace_id_cost_per_hour_usd_run_id_config_id_idx" ON "candidates"("workspace_id", "cost_per_hour_usd", "run_id", "config_id");

-- CreateIndex
CREATE INDEX "candidates_run_id_gpu_id_qps_per_dollar_idx" ON "candidates"("run_id", "gpu_id", "qps_per_dollar");

-- CreateIndex
CREATE INDEX "frontier_points_run_id_config_id_idx" ON "frontier_points"("run_id", "config_id");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_books" ADD CONSTRAINT "price_books_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_quotes" ADD CONSTRAINT "price_quotes_price_book_id_fkey" FOREIGN KEY ("price_book_id") REFERENCES "price_books"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_quotes" ADD CONSTRAINT "price_quotes_gpu_id_fkey" FOREIGN KEY ("gpu_id") REFERENCES "gpus"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_gpu_id_fkey" FOREIGN KEY ("gpu_id") REFERENCES "gpus"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "traces" ADD CONSTRAINT "traces_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workloads" ADD CONSTRAINT "workloads_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workloads" ADD CONSTRAINT "workloads_trace_id_fkey" FOREIGN KEY ("trace_id") REFERENCES "traces"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telemetry_sets" ADD CONSTRAINT "telemetry_sets_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telemetry_sets" ADD CONSTRAINT "telemetry_sets_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telemetry_sets" ADD CONSTRAINT "telemetry_sets_gpu_id_fkey" FOREIGN KEY ("gpu_id") REFERENCES "gpus"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telemetry_requests" ADD CONSTRAINT "telemetry_requests_telemetry_set_id_fkey" FOREIGN KEY ("telemetry_set_id") REFERENCES "telemetry_sets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "telemetry_iterations" ADD CONSTRAINT "telemetry_iterations_telemetry_set_id_fkey" FOREIGN KEY ("telemetry_set_id") REFERENCES "telemetry_sets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "calibrations" ADD CONSTRAINT "calibrations_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "calibrations" ADD CONSTRAINT "calibrations_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "calibrations" ADD CONSTRAINT "calibrations_gpu_id_fkey" FOREIGN KEY ("gpu_id") REFERENCES "gpus"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "calibration_telemetry" ADD CONSTRAINT "calibration_telemetry_calibration_id_fkey" FOREIGN KEY ("calibration_id") REFERENCES "calibrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "calibration_telemetry" ADD CONSTRAINT "calibration_telemetry_telemetry_set_id_fkey" FOREIGN KEY ("telemetry_set_id") REFERENCES "telemetry_sets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_requests" ADD CONSTRAINT "plan_requests_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_requests" ADD CONSTRAINT "plan_requests_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_request_traces" ADD CONSTRAINT "plan_request_traces_plan_request_id_fkey" FOREIGN KEY ("plan_request_id") REFERENCES "plan_requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_request_traces" ADD CONSTRAINT "plan_request_traces_trace_id_fkey" FOREIGN KEY ("trace_id") REFERENCES "traces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_plan_request_id_fkey" FOREIGN KEY ("plan_request_id") REFERENCES "plan_requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "api_keys"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_profiles" ADD CONSTRAINT "plan_profiles_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_profiles" ADD CONSTRAINT "plan_profiles_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_price_book_id_fkey" FOREIGN KEY ("price_book_id") REFERENCES "price_books"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_run_profiles" ADD CONSTRAINT "plan_run_profiles_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "plan_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_run_profiles" ADD CONSTRAINT "plan_run_profiles_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_run_calibrations" ADD CONSTRAINT "plan_run_calibrations_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "plan_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_run_calibrations" ADD CONSTRAINT "plan_run_calibrations_calibration_id_fkey" FOREIGN KEY ("calibration_id") REFERENCES "calibrations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "plan_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "plan_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_gpu_id_fkey" FOREIGN KEY ("gpu_id") REFERENCES "gpus"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "load_points" ADD CONSTRAINT "load_points_run_id_config_id_fkey" FOREIGN KEY ("run_id", "config_id") REFERENCES "candidates"("run_id", "config_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "frontier_points" ADD CONSTRAINT "frontier_points_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "plan_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "frontier_points" ADD CONSTRAINT "frontier_points_run_id_config_id_fkey" FOREIGN KEY ("run_id", "config_id") REFERENCES "candidates"("run_id", "config_id") ON DELETE CASCADE ON UPDATE CASCADE;



-- What Prisma's schema cannot say.

-- The shared workspace holds what is shipped.
INSERT INTO "workspaces" ("id", "name") VALUES ('00000000-0000-0000-0000-000000000000', 'shared');

ALTER TABLE "gpus" ADD CONSTRAINT "gpus_positive" CHECK ("memory_bytes" > 0 AND "memory_bandwidth_bytes_per_s" > 0 AND "flops16_per_s" > 0 AND "link_bytes_per_s" > 0 AND "max_gpus_per_node" > 0);
ALTER TABLE "price_quotes" ADD CONSTRAINT "price_quotes_positive" CHECK ("usd_per_gpu_hour" > 0 AND "gpus_per_instance" > 0);
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_positive" CHECK ("version" >= 1 AND "tensor_parallel" >= 1 AND "prefill_row_count" >= 0 AND "decode_row_count" >= 0);
ALTER TABLE "traces" ADD CONSTRAINT "traces_parallel" CHECK (
  "request_count" > 0 AND cardinality("arrived_at_s") = "request_count" AND cardinality("prompt_tokens") = "request_count"
  AND cardinality("output_tokens") = "request_count" AND cardinality("cached_prompt_tokens") = "request_count");
ALTER TABLE "calibrations" ADD CONSTRAINT "calibrations_positive" CHECK ("version" >= 1 AND "tensor_parallel" >= 1);
ALTER TABLE "plans" ADD CONSTRAINT "plans_limits" CHECK ("deadline_s" > 0 AND "simulations_max" > 0);
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_number" CHECK ("number" >= 1);
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_counts" CHECK (
  "candidate_count" >= 0 AND "evaluated_count" BETWEEN 0 AND "candidate_count" AND "failed_count" BETWEEN 0 AND "candidate_count"
  AND "feasible_count" BETWEEN 0 AND "candidate_count" AND "done_task_count" BETWEEN 0 AND "task_count" AND "simulations" >= 0);
ALTER TABLE "plan_runs" ADD CONSTRAINT "plan_runs_finished" CHECK (
  ("finished_at" IS NOT NULL) = ("status" IN ('completed', 'stopped', 'cancelled', 'failed')) AND ("status" <> 'failed' OR "error" IS NOT NULL));
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_members" CHECK (("kind" = 'evaluate') = ("members" IS NOT NULL) AND "attempts" >= 0);
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_gpus" CHECK (
  "config_id" >= 1 AND "tensor_parallel" >= 1 AND "pipeline_parallel" >= 1 AND "num_replicas" >= 1
  AND "total_gpus" = "tensor_parallel" * "pipeline_parallel" * "num_replicas");
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_qps" CHECK (
  ("max_qps" IS NULL) = ("max_qps_low" IS NULL) AND ("max_qps" IS NULL) = ("max_qps_high" IS NULL)
  AND "max_qps" > 0 AND "max_qps" BETWEEN "max_qps_low" AND "max_qps_high"
  AND ("status" NOT IN ('FEASIBLE', 'CAPPED', 'BELOW_MIN_QPS') OR "max_qps" IS NOT NULL));
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_reason" CHECK ("status" = 'FEASIBLE' OR "reason" IS NOT NULL);
ALTER TABLE "load_points" ADD CONSTRAINT "load_points_shape" CHECK (
  "rate_qps" > 0 AND "passed" = ("failed_on" IS NULL) AND cardinality("ttft_ms") = 6 AND cardinality("tbt_ms") = 6
  AND cardinality("tpot_ms") = 6 AND cardinality("e2e_ms") = 6);

-- The wide parts of a candidate are read one at a time; kept out of line they leave its page to lists and filters.
ALTER TABLE "candidates" SET (toast_tuple_target = 1024);

-- What is written once stays as it is.
CREATE FUNCTION "refuse_update"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% are never changed once stored', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "immutable" BEFORE UPDATE ON "price_books" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "price_quotes" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "calibrations" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "plan_requests" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "candidates" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "load_points" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "frontier_points" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "telemetry_requests" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE ON "telemetry_iterations" FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
-- Of these only the name or the archive mark may change.
CREATE TRIGGER "immutable" BEFORE UPDATE OF "workspace_id", "content_hash", "content", "gpu_id", "model_id", "tensor_parallel", "kind" ON "profiles"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE OF "workspace_id", "content_hash", "arrived_at_s", "prompt_tokens", "output_tokens", "cached_prompt_tokens" ON "traces"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE OF "workspace_id", "content_hash", "definition", "trace_id" ON "workloads"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE OF "workspace_id", "plan_request_id", "model_id", "idempotency_key", "launch_hash" ON "plans"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
-- A finished run neither changes nor gains candidates.
CREATE TRIGGER "immutable_once_finished" BEFORE UPDATE ON "plan_runs" FOR EACH ROW
  WHEN (OLD."finished_at" IS NOT NULL) EXECUTE FUNCTION "refuse_update"();
CREATE FUNCTION "refuse_late_candidates"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM "plan_runs" r WHERE r."finished_at" IS NOT NULL AND r."id" IN (SELECT DISTINCT a."run_id" FROM "added" a)) THEN
    RAISE EXCEPTION 'a finished run gains no candidates' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "finished_runs_are_full" AFTER INSERT ON "candidates" REFERENCING NEW TABLE AS "added"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_late_candidates"();
