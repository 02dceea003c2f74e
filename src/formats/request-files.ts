import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { refuse, show, type Where } from './fault';
import { exists } from './read-file';
import { loadTrace } from './read-trace';
import { loadValues } from './read-values';
import type { RequestFiles } from './request-context';

/** Files named in a request file, relative to its folder. Each trace is read once. */
export function filesBeside(): RequestFiles {
  const traces = new Map<string, ReturnType<typeof loadTrace>>();
  return {
    loadTrace(path, where) {
      const full = besideOf(path, where);
      const trace = traces.get(full) ?? loadTrace(full, where);
      traces.set(full, trace);
      return trace;
    },
    loadValues: (path, where) => loadValues(besideOf(path, where), where),
    resolveProfile: resolveProfileName,
  };
}

/** For requests that come without files: every path is refused. */
export const NO_FILES: RequestFiles = {
  loadTrace: refuseFile,
  loadValues: refuseFile,
  resolveProfile: (name) => name,
};

/** What exists beside the request, or looks like a path, is one; anything else is a library id. */
function resolveProfileName(name: string, where: Where): string {
  const full = besideOf(name, where);
  return exists(full) || name.startsWith('.') || extname(name) === '.json' ? full : name;
}

const besideOf = (path: string, where: Where): string =>
  isAbsolute(path) ? path : resolve(dirname(where.source), path);

function refuseFile(path: string, where: Where): never {
  return refuse(where, {
    found: `the file ${show(path)}`,
    allowed: 'values in the request itself: files cannot be read here',
  });
}
