import type { RequestLog } from '../core/engine/request-log';
import { loadDeployment, parseDeployment } from '../formats/read-deployment';
import { filesBeside } from '../formats/request-files';
import { toWireMetrics, type WireMetrics } from '../formats/write-metrics';
import { saveRequests } from '../formats/write-requests';
import { loadCatalog } from './load-catalog';
import { checkOptions, type PlanArgument } from './plan-arguments';
import { prepareTarget, replaceFile } from './replace-file';
import { simulateDeployment } from './simulate-deployment';

export interface SimulateOptions {
  /** The deployment file of `simfaasinfer simulate`, or its value. */
  readonly deployment: PlanArgument;
  /** Where to write a CSV row per request, in order of arrival. */
  readonly requestsPath?: string;
  /** Simulate on a profile in which the lint finds errors. */
  readonly acceptProfileErrors?: boolean;
}

export interface SimulateResult {
  /** Latencies in ms, rates per second; what `metrics.json` holds. */
  readonly metrics: WireMetrics;
  /** Defaults used, and what a reader must know of the profile; one sentence each. */
  readonly notes: readonly string[];
}

/** Simulates one deployment under one load, in this thread, and returns what it measured. */
export function simulateFromValues(options: SimulateOptions): SimulateResult {
  checkOptions(options, 'simulateDeployment', ['deployment', 'requestsPath', 'acceptProfileErrors']);
  const { deployment, requestsPath, acceptProfileErrors = false } = options;
  if (requestsPath !== undefined) prepareTarget(requestsPath, 'requestsPath');
  const catalog = loadCatalog();
  const source = typeof deployment === 'string' ? deployment : 'deployment';
  const { request, assumptions } =
    typeof deployment === 'string'
      ? loadDeployment(deployment, catalog)
      : parseDeployment({ source, value: deployment, catalog, ...filesBeside() });
  const keepRequests = requestsPath !== undefined;
  const acceptOption = 'acceptProfileErrors: true';
  const run = simulateDeployment({
    request,
    source,
    catalog,
    keepRequests,
    acceptProfileErrors,
    acceptOption,
  });
  if (requestsPath !== undefined && run.requests !== null) save(requestsPath, run.requests);
  return { metrics: toWireMetrics(run), notes: [...run.notes, ...assumptions] };
}

const save = (path: string, log: RequestLog): void =>
  replaceFile(path, (temporary) => saveRequests(temporary, log));
