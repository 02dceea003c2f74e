import type { GivenDocument } from '../../../app/ports/api';
import { InputError, type InputFault } from '../../../core/errors';
import { inputFault } from '../errors';
import { inApiWords, toDocument, toInputPath, withoutFiles } from '../inputs/to-document';

/** A document given as a typed input or as YAML text, and where it came from. */
export interface DocumentArgument {
  readonly document: GivenDocument;
  /** Path of the argument, e.g. `input.request`. */
  readonly path: string;
  /** The typed input; null: it was YAML. */
  readonly typed: object | null;
}

/** The document of a typed input or of YAML: exactly one of the two. */
export function documentArgument(
  argument: string,
  typed: { readonly key: string; readonly value: object | null | undefined },
  yaml: string | null | undefined,
): DocumentArgument {
  if (typed.value && typeof yaml !== 'string') {
    const path = `${argument}.${typed.key}`;
    return { path, typed: typed.value, document: { kind: 'value', value: documentOf(path, typed.value) } };
  }
  if (!typed.value && typeof yaml === 'string') {
    return { path: `${argument}.yaml`, typed: null, document: { kind: 'yaml', text: yaml } };
  }
  throw inputFault(argument, {
    found: typed.value ? `both ${typed.key} and yaml` : `neither ${typed.key} nor yaml`,
    allowed: 'one of the two',
    hint: null,
  });
}

/** The document of a typed input; its faults are told at `path`. */
export function documentOf(path: string, typed: object): Readonly<Record<string, unknown>> {
  try {
    return toDocument(typed);
  } catch (error) {
    if (error instanceof InputError) throw inputFault(`${path}.${error.fault.path}`, inApiWords(error.fault));
    throw error;
  }
}

/** Runs a use case; an input fault is told at the place of the argument it came from. */
export async function withInputPaths<T>(
  of: { readonly argument: string; readonly input: object; readonly document?: DocumentArgument },
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof InputError ? placed(error.fault, of) : error;
  }
}

/** What use cases call the arguments themselves, and the documents among them, in their faults. */
const ARGUMENTS = 'request';
const DOCUMENTS: readonly string[] = [ARGUMENTS, 'deployment', 'definition', 'telemetry'];

/** The files of a profile, and the keys they are uploaded under. */
const FILES = [
  ['fitted_profile.json', 'fittedProfile'],
  ['metadata.json', 'metadata'],
  ['model_memory.json', 'modelMemory'],
] as const;

function placed(
  fault: InputFault,
  { argument, input, document }: { argument: string; input: object; document?: DocumentArgument },
): Error {
  const { source, path } = fault;
  const words = withoutFiles(fault);
  if (DOCUMENTS.includes(source)) {
    if (document !== undefined && !isOfArguments(path, input, document)) {
      if (document.typed === null) return inputFault(document.path, words, path);
      return inputFault(
        joined(document.path, toInputPath(insideOf(source, path), document.typed)),
        inApiWords(fault),
      );
    }
    return inputFault(joined(argument, path), words);
  }
  const file = FILES.find(([name]) => source.endsWith(name));
  if (file !== undefined) return inputFault(`${argument}.${file[1]}`, words, path);
  if (source in input) return inputFault(`${argument}.${source}`, words, path);
  return inputFault(argument, words, path === '' ? source : `${source}: ${path}`);
}

/** A workload on its own is checked as that section of a request. */
const insideOf = (source: string, path: string): string =>
  source === 'definition' ? path.replace(/^workload\.?/, '') : path;

/** Whether a fault is of an argument beside the document, as `profileIds[0]`, and not of a key in it. */
function isOfArguments(path: string, input: object, { typed }: DocumentArgument): boolean {
  const [key = ''] = /^\w*/.exec(path) ?? [];
  const isGiven = (at: object | null): boolean =>
    ((at as Record<string, unknown> | null)?.[key] ?? null) !== null;
  return isGiven(input) && !isGiven(typed) && !path.includes('.');
}

function joined(path: string, inside: string): string {
  if (inside === '') return path;
  return inside.startsWith('[') ? `${path}${inside}` : `${path}.${inside}`;
}
