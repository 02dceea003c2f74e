-- AlterTable
ALTER TABLE "candidates" ADD COLUMN     "calibration_id" TEXT,
ADD COLUMN     "sampling_qps_high" DOUBLE PRECISION,
ADD COLUMN     "sampling_qps_low" DOUBLE PRECISION,
ADD COLUMN     "time_ratio_high" DOUBLE PRECISION,
ADD COLUMN     "time_ratio_low" DOUBLE PRECISION,
ADD COLUMN     "uncalibrated" JSONB;
