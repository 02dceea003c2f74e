import type { Catalog } from '../core/catalog/catalog';
import { resolveModel } from '../core/catalog/names';
import type { Constraints, Objective, PlanRequest } from '../core/search/request';
import { checkShape } from './check-shape';
import { refuse, show } from './fault';
import { mergeDocuments, type PlanDocument } from './merge-documents';
import { readDocument } from './read-document';
import { toOverhead, toPrices, toSimulation } from './read-settings';
import { toConfigSpace } from './read-space';
import { defaultArrival, toArrival, toLengths } from './read-workload';
import type { RequestContext, RequestFiles } from './request-context';
import { Assumptions, REQUEST_DEFAULTS } from './request-defaults';
import { filesBeside, NO_FILES } from './request-files';
import { type RequestInput, requestSchema, type Section, TARGET_KEYS } from './request-schema';

export interface PlanOptions {
  readonly catalog: Catalog;
  /** The model as the caller says, or that of the profile; null: the documents must name it. */
  readonly model?: string | null;
  /** GPU of the profile, for documents without `gpu_types`. */
  readonly defaultGpuId?: string | null;
}

export interface ParsedPlan {
  readonly request: PlanRequest;
  /** Profiles the documents name: paths resolved, library ids as written. */
  readonly profiles: readonly string[];
  /** Every default used, one sentence each. */
  readonly assumptions: readonly string[];
}

/** Parses a plan request from values already read. Files it names are read through `files`; without it they are refused. */
export function parsePlanRequest(
  options: PlanOptions & { readonly documents: readonly PlanDocument[] } & Partial<RequestFiles>,
): ParsedPlan {
  const { catalog, model = null, defaultGpuId = null } = options;
  const merged = mergeDocuments(options.documents);
  const input = checkShape(requestSchema, merged.value, merged.at);
  const assumptions = new Assumptions();
  const { loadTrace, loadValues, resolveProfile } = { ...NO_FILES, ...definedOnly(options) };
  const context: RequestContext = {
    catalog,
    assumptions,
    at: merged.at,
    files: { loadTrace, loadValues, resolveProfile },
  };
  const modelId = toModelId(input, model, context);
  const constraints = toConstraints(input, context);
  const objective = toObjective(input, constraints, context);
  const request: PlanRequest = {
    modelId,
    ...toTraffic(input, objective, constraints, context),
    constraints,
    space: toConfigSpace(input.config_space ?? {}, defaultGpuId, context),
    objective,
    prices: toPrices(input, context),
    simulation: toSimulation(input.simulation ?? {}, context),
    overhead: toOverhead(input.overhead ?? {}, context),
  };
  notePricesUnused(request, context);
  return { request, profiles: toProfiles(input, context), assumptions: assumptions.sentences };
}

/** A file of a plan request; `section` where the caller knows which section a bare file is. */
export type PlanFile = string | { readonly path: string; readonly section: Section };

/** Reads the files of a plan request, YAML or JSON, and parses them as one. */
export const loadPlanRequest = (files: readonly PlanFile[], options: PlanOptions): ParsedPlan =>
  parsePlanRequest({ ...options, ...filesBeside(), documents: loadPlanDocuments(files) });

export const loadPlanDocuments = (files: readonly PlanFile[]): PlanDocument[] =>
  files.map((file) => {
    if (typeof file === 'string') return { source: file, value: readDocument(file) };
    return { source: file.path, value: readDocument(file.path), section: file.section };
  });

/** The profiles that documents name, before anything else of them is checked: they may have to tell the model and the GPU. */
export function profilesOf(
  documents: readonly PlanDocument[],
  { resolveProfile = NO_FILES.resolveProfile }: Partial<RequestFiles> = {},
): string[] {
  const { value, at } = mergeDocuments(documents);
  const named = { profile: value.profile, profiles: value.profiles };
  const input = checkShape(requestSchema.pick({ profile: true, profiles: true }), withoutAbsent(named), at);
  return toProfiles(input, { at, files: { ...NO_FILES, resolveProfile } });
}

const withoutAbsent = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));

function definedOnly(files: Partial<RequestFiles>): Partial<RequestFiles> {
  const { loadTrace, loadValues, resolveProfile } = files;
  return {
    ...(loadTrace === undefined ? {} : { loadTrace }),
    ...(loadValues === undefined ? {} : { loadValues }),
    ...(resolveProfile === undefined ? {} : { resolveProfile }),
  };
}

function toProfiles(
  { profile, profiles }: Pick<RequestInput, 'profile' | 'profiles'>,
  { at, files }: Pick<RequestContext, 'at' | 'files'>,
): string[] {
  if (profile !== undefined && profiles !== undefined) {
    refuse(at(['profile']), { found: 'profile beside profiles', allowed: 'one of the two' });
  }
  const key = profile === undefined ? 'profiles' : 'profile';
  const names = profile === undefined ? (profiles ?? []) : [profile];
  return names.map((name) => files.resolveProfile(name, at([key])));
}

function toModelId({ model }: RequestInput, given: string | null, { catalog, at }: RequestContext): string {
  const named = model === undefined ? null : resolveModel(catalog, model, at(['model'])).id;
  const wanted = given === null ? null : resolveModel(catalog, given, { source: 'model', path: '' }).id;
  if (named !== null && wanted !== null && named !== wanted) {
    refuse(at(['model']), {
      found: show(model),
      allowed: `${wanted}, the model of the profile or the command`,
      hint: 'plan one model at a time',
    });
  }
  return (
    named ??
    wanted ??
    refuse(at(['model']), {
      found: show(undefined),
      allowed: 'the name of a model, e.g. llama-7b',
      hint: 'or give a profile: its model is then used',
    })
  );
}

function toTraffic(
  input: RequestInput,
  objective: Objective,
  constraints: Constraints,
  context: RequestContext,
): Pick<PlanRequest, 'workload' | 'rateRangeQps'> {
  const workload = input.workload ?? {};
  const { assumptions } = context;
  const { promptLength, outputLength } = REQUEST_DEFAULTS.workload;
  const lengths = toLengths(workload, context, (key) =>
    assumptions.take(`workload.${key}`, key === 'prompt_length' ? promptLength : outputLength),
  );
  const arrival =
    toArrival(workload.arrival, lengths, context) ??
    defaultArrival(lengths, workload.trace !== undefined, context);
  return {
    workload: { arrival, lengths },
    rateRangeQps: toRateRange(workload.arrival_rate_range, objective, constraints, context),
  };
}

function toRateRange(
  range: readonly [number, number] | undefined,
  objective: Objective,
  constraints: Constraints,
  { at, assumptions }: RequestContext,
): readonly [number, number] {
  const wanted = [
    { path: ['constraints', 'min_qps'], qps: constraints.minQps },
    { path: ['target_qps'], qps: objective.targetQps },
  ];
  if (range === undefined) {
    const [low, high] = REQUEST_DEFAULTS.workload.arrivalRateRange;
    // A load asked for must lie inside the range, with room above it.
    const enough = Math.max(high, ...wanted.map(({ qps }) => 2 * (qps ?? 0)));
    return assumptions.take(
      'workload.arrival_rate_range',
      [low, enough],
      `[${low}, ${enough}] requests/s`,
    ) as [number, number];
  }
  const [low, high] = range;
  if (low > high) {
    refuse(at(['workload', 'arrival_rate_range']), { found: show(range), allowed: 'the lower rate first' });
  }
  for (const { path, qps } of wanted) {
    if (qps === null || qps <= high) continue;
    refuse(at(path), {
      found: String(qps),
      allowed: `at most ${high}, the end of workload.arrival_rate_range`,
      hint: 'widen the range',
    });
  }
  return [low, high];
}

function toConstraints(input: RequestInput, { assumptions }: RequestContext): Constraints {
  const given: Readonly<Record<string, number | undefined>> = input.constraints ?? {};
  const targets = TARGET_KEYS.flatMap(({ key, metric, quantile }) => {
    const limitMs = given[key];
    return limitMs === undefined ? [] : [{ metric, quantile, limitMs }];
  });
  if (targets.length === 0) {
    assumptions.note(
      'constraints: no latency target given, so a load counts as sustained when the queue does not grow.',
    );
  }
  return { targets, maxCostPerHourUsd: given.max_cost_per_hour ?? null, minQps: given.min_qps ?? null };
}

function toObjective(
  input: RequestInput,
  { minQps }: Constraints,
  { at, assumptions }: RequestContext,
): Objective {
  const inside = input.objective?.target_qps;
  if (inside !== undefined && input.target_qps !== undefined) {
    refuse(at(['target_qps']), {
      found: String(input.target_qps),
      allowed: 'one target, here or in objective.target_qps',
    });
  }
  const targetQps = inside ?? input.target_qps ?? null;
  const kind = input.objective?.kind ?? assumptions.take('objective', REQUEST_DEFAULTS.objective);
  if (kind !== 'min_cost' || targetQps !== null) return { kind, targetQps };
  if (minQps !== null && minQps > 0) {
    return { kind, targetQps: assumptions.take('target_qps', minQps, `${minQps}, the constraint min_qps`) };
  }
  return refuse(at(['target_qps']), {
    found: show(undefined),
    allowed: 'the load to serve, requests/s: objective min_cost needs it',
  });
}

function notePricesUnused({ space, prices }: PlanRequest, { assumptions }: RequestContext): void {
  const unused = Object.keys(prices.usdPerGpuHour).filter((id) => !space.gpuIds.includes(id));
  if (unused.length > 0)
    assumptions.note(`prices.usd_per_gpu_hour: ${unused.join(', ')} not among gpu_types, price not used.`);
}
