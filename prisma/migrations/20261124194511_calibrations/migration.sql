-- DropIndex
DROP INDEX "calibrations_workspace_id_model_id_gpu_id_tensor_parallel_e_key";

-- AlterTable
ALTER TABLE "calibrations" DROP COLUMN "error_after",
DROP COLUMN "error_before",
DROP COLUMN "parameters",
ADD COLUMN     "archived_at" TIMESTAMPTZ(3),
ADD COLUMN     "profile_id" UUID NOT NULL,
ADD COLUMN     "result" JSONB NOT NULL,
ADD COLUMN     "serving_engine" TEXT NOT NULL;

-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "use_calibrations" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "telemetry_sets" ADD COLUMN     "findings" JSONB NOT NULL,
ADD COLUMN     "notes" TEXT[],
ADD COLUMN     "summary" JSONB;

-- CreateIndex
CREATE INDEX "calibrations_profile_id_idx" ON "calibrations"("profile_id");

-- CreateIndex
CREATE UNIQUE INDEX "calibrations_workspace_id_model_id_gpu_id_tensor_parallel_s_key" ON "calibrations"("workspace_id", "model_id", "gpu_id", "tensor_parallel", "serving_engine", "version");

-- AddForeignKey
ALTER TABLE "calibrations" ADD CONSTRAINT "calibrations_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profiles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The tables of telemetry and calibrations had no writer before this migration, so none of their columns holds anything.

-- Setting one aside is the only change that calibrations and telemetry know.
DROP TRIGGER "immutable" ON "calibrations";
CREATE TRIGGER "immutable" BEFORE UPDATE OF "workspace_id", "model_id", "gpu_id", "tensor_parallel", "serving_engine", "version", "engine_version", "profile_id", "result", "applied", "created_at" ON "calibrations"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
CREATE TRIGGER "immutable" BEFORE UPDATE OF "workspace_id", "content_hash", "kind", "model_id", "gpu_id", "tensor_parallel", "engine_version", "deployment", "summary", "sample_count" ON "telemetry_sets"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
