import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Catalog } from '../core/catalog/catalog';
import { resolveModel } from '../core/catalog/names';
import { lintIterations, lintRequests, lintSummary } from '../core/telemetry/lint-telemetry';
import type { RawRequests } from '../core/telemetry/raw-telemetry';
import { summarizeRequests } from '../core/telemetry/summarize-requests';
import type {
  LatencySummary,
  Telemetry,
  TelemetryDeployment,
  TelemetryFinding,
} from '../core/telemetry/telemetry';
import { checkShape, within } from './check-shape';
import { refuse, show, type Where } from './fault';
import { LIMITS } from './limits';
import { deploymentSchema, toDeployment } from './read-deployment';
import { readDocument } from './read-document';
import { exists, readText } from './read-file';
import { parseJson } from './read-json';
import { loadProfile } from './read-profile';
import { parseYaml } from './read-yaml';
import { Assumptions } from './request-defaults';
import { filesBeside } from './request-files';
import { mapping, number, shortText, text } from './schema-kit';
import { lintClosedLoop, readBench } from './telemetry-bench';
import type { Subject } from './telemetry-labels';
import { readIterations, readRequests } from './telemetry-requests';
import { readScrape } from './telemetry-scrape';
import { parseInlineTable, parseTable, type TelemetryTable, tableOf } from './telemetry-table';

export interface ReadTelemetry {
  /** Not to be used when a finding is an error: see `refuseFaulty`. */
  readonly telemetry: Telemetry;
  readonly findings: readonly TelemetryFinding[];
  /** What was taken as given, one sentence each. */
  readonly assumptions: readonly string[];
}

export interface TelemetryInput {
  /** What names the document in errors: its path, or `registerTelemetry`. */
  readonly source: string;
  /** The document, as text (YAML, of which JSON is a part) or already read. */
  readonly text?: string;
  readonly value?: unknown;
  /** What its paths are relative to; null: it may name no files. */
  readonly folder: string | null;
}

/** The kinds of samples, in the order in which they are read. */
const KINDS = ['samples', 'requests', 'iterations', 'vllm_bench', 'prometheus'] as const;

/** What it names calibrations are kept by. */
const ENGINE_CHARACTERS_MAX = 200;

export const telemetrySchema = mapping({
  profile: text('a profile: a library id, a folder or a file').optional(),
  model: text('the name of a model, e.g. llama-7b').optional(),
  engine: shortText('the serving engine and its version, e.g. vllm 0.19.0', ENGINE_CHARACTERS_MAX),
  deployment: deploymentSchema,
  samples: z.array(z.unknown(), { error: 'a list of requests' }).optional(),
  requests: text('the path of a CSV or JSON file of requests, or its lines').optional(),
  iterations: pathOr(
    z.array(z.unknown()),
    'the path of a CSV or JSON file of steps, its lines, or the list of them',
  ),
  vllm_bench: pathOr(z.record(z.string(), z.unknown()), 'the path of a JSON file, or what is in it'),
  prometheus: text("the path of a scrape of vLLM's /metrics, or its lines").optional(),
  prometheus_before: text('the path of an earlier scrape, or its lines').optional(),
  duration_s: number({ above: 0, max: LIMITS.durationS }).optional(),
});
type TelemetryDocument = z.infer<typeof telemetrySchema>;

function pathOr<T extends z.ZodType>(inline: T, allowed: string) {
  return z.union([text(allowed), inline], { error: allowed }).optional();
}

/** Reads a telemetry document and what it names. Throws an `InputError` for what cannot be read at all. */
export const loadTelemetry = (path: string, catalog: Catalog): ReadTelemetry =>
  parseTelemetry({ source: path, value: readDocument(path), folder: dirname(path) }, catalog);

/** As `loadTelemetry`, of a document that is at hand. */
export function parseTelemetry(input: TelemetryInput, catalog: Catalog): ReadTelemetry {
  const { source, folder } = input;
  const value = input.text === undefined ? input.value : parseYaml(source, input.text);
  const at = within(source);
  const document = checkShape(telemetrySchema, value, at);
  checkKinds(document, at);
  const assumptions = new Assumptions();
  const deployment = toTelemetryDeployment(document, { catalog, at, assumptions, folder });
  const reading = new Reading(document, { catalog, deployment }, at, folder);
  reading.read();
  const telemetry: Telemetry = {
    name: basename(source),
    deployment,
    requests: reading.requests,
    iterations: reading.iterations,
    summary: reading.summary,
  };
  return { telemetry, findings: reading.findings, assumptions: [...assumptions.sentences, ...reading.notes] };
}

function checkKinds(document: TelemetryDocument, at: (path: readonly PropertyKey[]) => Where): void {
  if (KINDS.every((kind) => document[kind] === undefined)) {
    refuse(at([]), { found: 'no samples', allowed: `one of the keys ${KINDS.join(', ')}` });
  }
  const { samples, requests, prometheus, prometheus_before: before, duration_s: durationS } = document;
  if (samples !== undefined && requests !== undefined)
    refuse(at(['requests']), { found: 'samples and requests', allowed: 'one of them' });
  if (before !== undefined && prometheus === undefined)
    refuse(at(['prometheus']), { found: show(undefined), allowed: 'the later scrape of prometheus_before' });
  if (prometheus !== undefined && durationS === undefined) {
    refuse(at(['duration_s']), {
      found: show(undefined),
      allowed: 'the seconds from prometheus_before to prometheus, or the life of the server',
      hint: 'a scrape counts requests but not time: their rate needs it',
    });
  }
}

interface DeploymentContext {
  readonly catalog: Catalog;
  readonly at: (path: readonly PropertyKey[]) => Where;
  readonly assumptions: Assumptions;
  readonly folder: string | null;
}

function toTelemetryDeployment(document: TelemetryDocument, context: DeploymentContext): TelemetryDeployment {
  const { catalog, at, folder } = context;
  const { profile: named, model, engine } = document;
  // Names are resolved against the folder of the document that has them.
  const beside = (path: string): Where => ({ ...at([path]), source: join(folder ?? '.', 'document') });
  const profile =
    named === undefined
      ? null
      : folder === null
        ? named
        : filesBeside().resolveProfile(named, beside('profile'));
  const modelId =
    model === undefined ? modelOfProfile(profile, context) : resolveModel(catalog, model, at(['model'])).id;
  return {
    profile,
    modelId,
    deployment: toDeployment(document.deployment, context),
    engineVersion: engine.trim(),
  };
}

/** A library id is gpu/model/tp/variant; a profile of the user's says its model itself. */
function modelOfProfile(profile: string | null, { catalog, at, folder }: DeploymentContext): string {
  if (profile === null) {
    return refuse(at(['model']), {
      found: show(undefined),
      allowed: 'the model that was served, or a profile',
    });
  }
  if (folder !== null && exists(profile)) return loadProfile(profile, catalog).modelId;
  const [, model] = profile.split('/');
  if (model !== undefined) return resolveModel(catalog, model, at(['profile'])).id;
  return refuse(at(['model']), {
    found: show(undefined),
    allowed: `the model that was served: the profile ${show(profile)} does not name it`,
  });
}

/** The samples of a document while they are read. */
class Reading {
  requests: Telemetry['requests'] = null;
  iterations: Telemetry['iterations'] = null;
  summary: LatencySummary | null = null;
  readonly findings: TelemetryFinding[] = [];
  readonly notes: string[] = [];
  private readonly from = { requests: '', summary: '' };

  constructor(
    private readonly document: TelemetryDocument,
    private readonly subject: Subject,
    private readonly at: (path: readonly PropertyKey[]) => Where,
    private readonly folder: string | null,
  ) {}

  read(): void {
    const { samples, requests, iterations, vllm_bench: bench, prometheus } = this.document;
    if (samples !== undefined) this.readRequests('samples', tableOf(samples, this.inside('samples')));
    if (requests !== undefined) this.readRequests('requests', this.table('requests', requests));
    if (iterations !== undefined) {
      const table =
        typeof iterations === 'string'
          ? this.table('iterations', iterations)
          : tableOf(iterations, this.inside('iterations'));
      const { samples: steps, findings } = lintIterations(readIterations(table, this.subject));
      this.iterations = steps;
      this.findings.push(...findings);
    }
    if (bench !== undefined) this.readBench(bench);
    if (prometheus !== undefined) this.readPrometheus(prometheus);
  }

  private readRequests(key: string, table: TelemetryTable): void {
    const { raw, notes } = readRequests(table, this.subject);
    this.notes.push(...notes);
    this.takeRequests(key, raw, null);
  }

  /** Requests whose arrivals are not known can only be summed; `rateQps`: of the run, where the file says it. */
  private takeRequests(key: string, raw: RawRequests, rateQps: number | null): void {
    const { samples, findings } = lintRequests(raw);
    this.findings.push(...findings);
    const rows = raw.failed.length;
    if (raw.arrivals !== null || rows === 0) {
      this.only('requests', key);
      this.requests = samples;
      return;
    }
    const { duration_s: durationS } = this.document;
    if (rateQps === null && durationS === undefined) {
      refuse(this.at([key]), {
        found: 'requests without arrivals',
        allowed: 'arrivals (arrived_at_s), or duration_s beside them',
        hint: 'without arrivals only the rate can be known: requests ÷ duration_s',
      });
    }
    this.notes.push(
      `${key}: arrivals were not recorded, so the requests are read as sums, at their mean rate.`,
    );
    if (samples.promptTokens.length === 0) return;
    this.takeSummary(key, summarizeRequests(samples, rateQps ?? rows / durationS!));
  }

  private readBench(bench: string | Record<string, unknown>): void {
    const inside = this.inside('vllm_bench');
    const path = typeof bench === 'string' ? this.path('vllm_bench', bench) : null;
    const value = path === null ? bench : parseJson(path, this.textOf('vllm_bench', path));
    const at = (key: string): Where => (path === null ? inside(`.${key}`) : { source: path, path: key });
    const { raw, summary, findings, notes } = readBench(value, at, this.subject);
    this.findings.push(...findings);
    this.notes.push(...notes);
    if (raw === null || raw.arrivals === null) this.findings.push(...lintClosedLoop(value));
    if (raw === null) this.takeSummary('vllm_bench', summary);
    else this.takeRequests('vllm_bench', raw, summary.rateQps);
  }

  private readPrometheus(scrape: string): void {
    const before = this.document.prometheus_before;
    const { summary, findings, notes } = readScrape(
      {
        after: this.scrape('prometheus', scrape),
        before: before === undefined ? null : this.scrape('prometheus_before', before),
        durationS: this.document.duration_s!,
      },
      this.subject,
    );
    this.findings.push(...findings);
    this.notes.push(...notes);
    this.takeSummary('prometheus', summary);
  }

  private takeSummary(key: string, summary: LatencySummary): void {
    this.only('summary', key);
    this.findings.push(...lintSummary(summary));
    this.summary = summary;
  }

  /** One run is told once: two tellings of the same kind would count twice. */
  private only(kind: 'requests' | 'summary', key: string): void {
    const other = this.from[kind];
    if (other !== '') {
      refuse(this.at([key]), {
        found: `${other} and ${key}, which both are ${kind === 'requests' ? 'requests' : 'sums of a run'}`,
        allowed: 'one of them in a document',
        hint: 'give the other its own document',
      });
    }
    this.from[kind] = key;
  }

  private inside(key: string): (path: string) => Where {
    const { source, path } = this.at([key]);
    return (below) => ({ source, path: `${path}${below}` });
  }

  /** A text of several lines is what the file would hold. */
  private table(key: string, written: string): TelemetryTable {
    if (written.includes('\n')) return parseInlineTable(`${this.at([key]).source}: ${key}`, written);
    const full = this.path(key, written);
    return parseTable(full, this.textOf(key, full));
  }

  private scrape(key: string, written: string): { readonly source: string; readonly text: string } {
    if (written.includes('\n')) return { source: `${this.at([key]).source}: ${key}`, text: written };
    const full = this.path(key, written);
    return { source: full, text: this.textOf(key, full) };
  }

  private textOf = (key: string, full: string): string =>
    readText(full, `the path of a file (${key})`, this.at([key]));

  private path(key: string, written: string): string {
    if (this.folder === null) {
      return refuse(this.at([key]), {
        found: `the file ${show(written)}`,
        allowed: 'the samples in the document itself: files cannot be read here',
      });
    }
    return isAbsolute(written) ? written : resolve(this.folder, written);
  }
}
