import { extname } from 'node:path';
import { refuse } from './fault';
import { LIMITS } from './limits';
import { readText } from './read-file';
import { parseJson } from './read-json';
import { parseYaml } from './read-yaml';

/** The value a YAML file holds, or a JSON file when its name ends in `.json`. */
export function readDocument(path: string): unknown {
  const text = readText(path, 'a YAML or JSON file');
  if (text.length > LIMITS.documentBytes) {
    return refuse(
      { source: path, path: '' },
      { found: `${text.length} characters`, allowed: `at most ${LIMITS.documentBytes}` },
    );
  }
  return extname(path).toLowerCase() === '.json' ? parseJson(path, text) : parseYaml(path, text);
}
