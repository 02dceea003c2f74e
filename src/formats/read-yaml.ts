import { parseDocument } from 'yaml';
import { refuse, show } from './fault';

/** An alias may stand for at most this many nodes: a page of aliases of aliases would else fill the memory. */
const MAX_ALIASES = 100;

/** Parses YAML 1.2 text, one document. Refuses duplicate keys, unknown tags and alias bombs. */
export function parseYaml(source: string, text: string): unknown {
  const { value, problem } = attempt(text);
  if (problem !== null) {
    const { line, column, message } = problem;
    const found = line === null ? 'broken YAML' : show((text.split('\n')[line - 1] ?? '').trim());
    const path = line === null ? '' : `line ${line}, column ${column}`;
    return refuse({ source, path }, { found, allowed: 'YAML', hint: message });
  }
  if (value === null || value === undefined) {
    return refuse({ source, path: '' }, { found: 'an empty file', allowed: 'a mapping of keys and values' });
  }
  return value;
}

interface Problem {
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** The library throws on some inputs (alias limits, very deep nesting) and lists problems on others. */
function attempt(text: string): { readonly value: unknown; readonly problem: Problem | null } {
  try {
    const document = parseDocument(text, { uniqueKeys: true, logLevel: 'error' });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem === undefined) return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), problem: null };
    const place = problem.linePos?.[0];
    const message = (problem.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    return { value: null, problem: { message, line: place?.line ?? null, column: place?.col ?? null } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { value: null, problem: { message, line: null, column: null } };
  }
}
