import { refuse, show, type Where } from '../../formats/fault';
import type { RequestFiles } from '../../formats/request-context';
import { NO_FILES } from '../../formats/request-files';
import type { ReadStore } from '../ports/read-store';
import type { StoredTrace } from '../ports/records';

/**
 * Parses a request whose traces are stored ones, by id or name. Parsing asks for a trace as it comes to it and cannot wait,
 * so it is begun again once the trace is there.
 */
export async function withStoredTraces<T>(
  reads: ReadStore,
  workspaceId: string,
  parse: (files: RequestFiles) => T,
): Promise<T> {
  const traces = new Map<string, StoredTrace>();
  const files: RequestFiles = {
    ...NO_FILES,
    loadTrace(name, where) {
      const trace = traces.get(name);
      if (trace === undefined) throw new MissingTrace(name, where);
      return trace;
    },
  };
  for (;;) {
    try {
      return parse(files);
    } catch (error) {
      if (!(error instanceof MissingTrace)) throw error;
      traces.set(error.traceName, await findTrace(reads, workspaceId, error));
    }
  }
}

class MissingTrace extends Error {
  constructor(
    readonly traceName: string,
    readonly where: Where,
  ) {
    super(traceName);
  }
}

async function findTrace(
  reads: ReadStore,
  workspaceId: string,
  { traceName, where }: MissingTrace,
): Promise<StoredTrace> {
  return (
    (await reads.loadTrace(workspaceId, traceName)) ??
    refuse(where, {
      found: show(traceName),
      allowed: 'the id or the name of a stored trace',
      hint: 'register it first; the query `traces` lists them',
    })
  );
}
