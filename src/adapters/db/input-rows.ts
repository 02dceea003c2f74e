import type {
  ApiKeyRecord,
  CalibrationRecord,
  PriceBookRecord,
  ProfileRecord,
  TelemetrySetRecord,
  TraceRecord,
  WorkloadRecord,
} from '../../app/ports/records';
import type { Prisma } from './generated/client';
import { readJson } from './stored-json';

// What Prisma reads, as records: the columns a record has, and JSON as what it was written from.

export const apiKeySelect = {
  id: true,
  workspaceId: true,
  name: true,
  prefix: true,
  role: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  lastUsedAt: true,
} as const satisfies Record<keyof ApiKeyRecord, true>;

export const priceBookSelect = {
  id: true,
  workspaceId: true,
  version: true,
  contentHash: true,
  note: true,
  createdAt: true,
} as const satisfies Record<keyof PriceBookRecord, true>;

export const profileSelect = {
  id: true,
  workspaceId: true,
  name: true,
  version: true,
  contentHash: true,
  gpuId: true,
  modelId: true,
  tensorParallel: true,
  kind: true,
  engine: true,
  dtype: true,
  weightBytesPerParam: true,
  measuredOn: true,
  prefillRowCount: true,
  decodeRowCount: true,
  findings: true,
  createdAt: true,
  archivedAt: true,
} as const satisfies Record<keyof ProfileRecord, true>;

export const toProfileRecord = (
  row: Prisma.ProfileGetPayload<{ select: typeof profileSelect }>,
): ProfileRecord => ({ ...row, findings: readJson(row.findings) });

export const traceSelect = {
  id: true,
  workspaceId: true,
  name: true,
  contentHash: true,
  requestCount: true,
  durationS: true,
  meanPromptTokens: true,
  meanOutputTokens: true,
  promptBlockCount: true,
  createdAt: true,
  archivedAt: true,
} as const satisfies Record<keyof TraceRecord, true>;

export const workloadSelect = {
  id: true,
  workspaceId: true,
  name: true,
  contentHash: true,
  definition: true,
  traceId: true,
  createdAt: true,
  archivedAt: true,
} as const satisfies Record<keyof WorkloadRecord, true>;

export const toWorkloadRecord = (
  row: Prisma.WorkloadGetPayload<{ select: typeof workloadSelect }>,
): WorkloadRecord => ({ ...row, definition: readJson(row.definition) });

export const telemetrySetSelect = {
  id: true,
  workspaceId: true,
  name: true,
  kind: true,
  modelId: true,
  gpuId: true,
  tensorParallel: true,
  engineVersion: true,
  sampleCount: true,
  findings: true,
  notes: true,
  createdAt: true,
  archivedAt: true,
} as const satisfies Record<keyof TelemetrySetRecord, true>;

export const toTelemetrySetRecord = (
  row: Prisma.TelemetrySetGetPayload<{ select: typeof telemetrySetSelect }>,
): TelemetrySetRecord => ({ ...row, findings: readJson(row.findings) });

export const calibrationSelect = {
  id: true,
  workspaceId: true,
  modelId: true,
  gpuId: true,
  tensorParallel: true,
  servingEngine: true,
  version: true,
  engineVersion: true,
  profileId: true,
  result: true,
  applied: true,
  createdAt: true,
  archivedAt: true,
} as const satisfies Record<keyof CalibrationRecord, true>;

export const toCalibrationRecord = (
  row: Prisma.CalibrationGetPayload<{ select: typeof calibrationSelect }>,
): CalibrationRecord => ({ ...row, result: readJson(row.result) });
