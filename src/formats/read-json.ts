import { refuse } from './fault';
import { findJsonFault } from './json-fault';

/** Parses JSON text. Refuses, with line and column, broken JSON and a key that stands twice in one object. */
export function parseJson(source: string, text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === '') {
    return refuse(
      { source, path: '' },
      { found: 'an empty file', allowed: 'JSON', hint: 'write the file again' },
    );
  }
  const fault = findJsonFault(body);
  if (fault !== null) return refuse({ source, path: lineAndColumn(body, fault.offset) }, fault);
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    // What is well-formed can still be too deep for the parser's stack.
    const hint = error instanceof Error ? error.message : String(error);
    return refuse({ source, path: '' }, { found: 'JSON that cannot be read', allowed: 'JSON', hint });
  }
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`;
}
