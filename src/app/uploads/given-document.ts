import { LIMITS } from '../../formats/limits';
import { parseYaml } from '../../formats/read-yaml';
import type { GivenDocument } from '../ports/api';
import { LimitError } from '../ports/api-errors';

/** A page of YAML is a few kB; traces and profiles come by their own ways. */
const YAML_CHARACTERS_MAX = Math.min(1_000_000, LIMITS.documentBytes);

/** The value of a document. Throws an InputError on broken YAML. `source` names it in errors. */
export function documentValue(document: GivenDocument, source: string): unknown {
  if (document.kind === 'value') return document.value;
  if (document.text.length > YAML_CHARACTERS_MAX)
    throw new LimitError(`characters of ${source}`, document.text.length, YAML_CHARACTERS_MAX);
  return parseYaml(source, document.text);
}
