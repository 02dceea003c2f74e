import { didYouMean, dotted, refuse, show, type Where } from './fault';
import { requestSchema, SECTION_SHAPES, type Section } from './request-schema';

/** One file, or one object of a caller, of a plan request. */
export interface PlanDocument {
  /** The file, or how errors should name the object. */
  readonly source: string;
  /** The parsed value: the whole request, some of its sections under their keys, or one section bare. */
  readonly value: unknown;
  /** The section a bare value is; without it the keys tell. */
  readonly section?: Section;
}

export interface MergedDocuments {
  readonly value: Record<string, unknown>;
  /** Which document a path comes from. */
  readonly at: (path: readonly PropertyKey[]) => Where;
}

const SECTIONS = Object.keys(SECTION_SHAPES) as readonly Section[];
const TOP_KEYS = Object.keys(requestSchema.shape);

/** Puts the documents of one request together. A key that two of them give is refused. */
export function mergeDocuments(documents: readonly PlanDocument[]): MergedDocuments {
  const value: Record<string, unknown> = Object.create(null);
  const sources = new Map<string, string>();
  for (const document of documents) {
    for (const [key, part] of Object.entries(wrapped(document))) {
      const present = value[key];
      if (!isSection(key) || !isRecord(part) || (present !== undefined && !isRecord(present))) {
        claim(sources, key, document.source);
        value[key] = part;
        continue;
      }
      const merged = (present as Record<string, unknown> | undefined) ?? Object.create(null);
      for (const [inner, content] of Object.entries(part)) {
        claim(sources, `${key}.${inner}`, document.source);
        merged[inner] = content;
      }
      if (!sources.has(key)) sources.set(key, document.source);
      value[key] = merged;
    }
  }
  const everything =
    documents.length === 0 ? 'request' : [...new Set(documents.map(({ source }) => source))].join(', ');
  const at = (path: readonly PropertyKey[]): Where => {
    const [first = '', second = ''] = path.map(String);
    return {
      source: sources.get(`${first}.${second}`) ?? sources.get(first) ?? everything,
      path: dotted(path),
    };
  };
  return { value, at };
}

function claim(sources: Map<string, string>, path: string, source: string): void {
  const earlier = sources.get(path);
  if (earlier !== undefined) {
    refuse(
      { source, path },
      {
        found: `a value that ${earlier} gives too`,
        allowed: 'each key in one file only',
        hint: 'delete one of the two',
      },
    );
  }
  sources.set(path, source);
}

/** The document with its section key around it. */
function wrapped(document: PlanDocument): Record<string, unknown> {
  const { source, value, section } = document;
  if (!isRecord(value)) {
    return refuse({ source, path: '' }, { found: show(value), allowed: 'a mapping of keys and values' });
  }
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  if (keys.some((key) => TOP_KEYS.includes(key)) || (keys.length === 0 && section === undefined)) {
    refuseStrays(source, keys);
    return value;
  }
  const owner = section ?? ownerOf(source, keys);
  return { [owner]: value };
}

/** A key at the top that belongs into a section, or nowhere. */
function refuseStrays(source: string, keys: readonly string[]): void {
  for (const key of keys) {
    if (TOP_KEYS.includes(key)) continue;
    const home = SECTIONS.find((section) => Object.hasOwn(SECTION_SHAPES[section], key));
    const hint = home === undefined ? didYouMean(key, TOP_KEYS) : `put it under ${home}`;
    refuse(
      { source, path: key },
      { found: 'an unknown key', allowed: `one of the keys ${TOP_KEYS.join(', ')}`, hint },
    );
  }
}

/** The section a bare file is, by its keys. */
function ownerOf(source: string, keys: readonly string[]): Section {
  const scores = SECTIONS.map(
    (section) => keys.filter((key) => Object.hasOwn(SECTION_SHAPES[section], key)).length,
  );
  const best = Math.max(...scores);
  const winners = SECTIONS.filter((_, index) => scores[index] === best);
  const [winner] = winners;
  if (best > 0 && winners.length === 1 && winner !== undefined) return winner;
  const all = [...TOP_KEYS, ...SECTIONS.flatMap((section) => Object.keys(SECTION_SHAPES[section]))];
  const [key = ''] = keys;
  return refuse(
    { source, path: key },
    {
      found: 'an unknown key',
      allowed: `one of the keys ${TOP_KEYS.join(', ')}, or those of one section`,
      hint: didYouMean(key, all),
    },
  );
}

const isSection = (key: string): key is Section => (SECTIONS as readonly string[]).includes(key);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
