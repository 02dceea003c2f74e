import { basename } from 'node:path';
import { DEFAULT_HASH_BLOCK_TOKENS, PrefixHashBuilder } from '../core/workload/prefix-hashes';
import type { Trace } from '../core/workload/workload';
import { cellsOf, countLines, forEachLine, numberOf } from './csv-lines';
import { didYouMean, refuse, show, type Where } from './fault';
import { LIMITS } from './limits';
import { readText } from './read-file';

const REQUIRED = ['arrived_at_s', 'prompt_tokens', 'output_tokens'] as const;
const CACHED = 'cached_prompt_tokens';
const HASHES = 'hash_ids';

/** Columns of published traces, of telemetry and of our own `requests.csv` that a simulation has no use for. */
const OTHER_COLUMNS = [
  'client_id',
  'request_id',
  'session_id',
  'scheduled_at_s',
  'first_token_at_s',
  'finished_at_s',
  'ttft_ms',
  'tpot_ms',
  'e2e_ms',
  'preemptions',
] as const;

const KNOWN: readonly string[] = [...REQUIRED, CACHED, HASHES, ...OTHER_COLUMNS];

/** Reads `arrived_at_s,prompt_tokens,output_tokens[,cached_prompt_tokens][,hash_ids]`: a header, then one row per request by arrival. */
export function parseTrace({ source, text }: { readonly source: string; readonly text: string }): Trace {
  const capacity = countLines(text);
  const arrivedAtS = new Float64Array(capacity);
  const promptTokens = new Int32Array(capacity);
  const outputTokens = new Int32Array(capacity);
  const cachedPromptTokens = new Int32Array(capacity);
  let hashes: PrefixHashBuilder | null = null;
  let columns: Columns | null = null;
  let rows = 0;
  forEachLine(text, (content, line) => {
    if (columns === null) {
      columns = parseHeader(source, content);
      if (columns.hashes !== -1) hashes = new PrefixHashBuilder(capacity);
      return;
    }
    const reader = new RowReader(source, rows + 1, line, columns, content);
    const arrived = reader.time(columns.arrived);
    if (rows > 0 && arrived < (arrivedAtS[rows - 1] ?? 0))
      reader.refuseOrder(columns.arrived, arrivedAtS[rows - 1] ?? 0);
    const prompt = reader.tokens(columns.prompt, 1, LIMITS.tokens);
    arrivedAtS[rows] = arrived;
    promptTokens[rows] = prompt;
    outputTokens[rows] = reader.tokens(columns.output, 1, LIMITS.tokens);
    if (columns.cached !== -1) cachedPromptTokens[rows] = reader.tokens(columns.cached, 0, prompt);
    hashes?.add(reader.hashes(columns.hashes));
    rows++;
  });
  if (rows === 0) {
    const found = columns === null ? 'an empty file' : 'a header without rows';
    return refuse(
      { source, path: '' },
      { found, allowed: `a header ${REQUIRED.join(',')} and at least one row` },
    );
  }
  return {
    name: basename(source),
    arrivedAtS: arrivedAtS.slice(0, rows),
    promptTokens: promptTokens.slice(0, rows),
    outputTokens: outputTokens.slice(0, rows),
    cachedPromptTokens: cachedPromptTokens.slice(0, rows),
    ...hashesOf(hashes),
  };
}

/** How many tokens a hash stands for is not in the file: who asks for them says it. */
const hashesOf = (builder: PrefixHashBuilder | null): Pick<Trace, 'hashes'> =>
  builder === null ? {} : { hashes: builder.build(DEFAULT_HASH_BLOCK_TOKENS) };

/** `named`: where the path was written, when in another file. */
export const loadTrace = (path: string, named?: Where): Trace =>
  parseTrace({ source: path, text: readText(path, 'the path of a trace (CSV)', named) });

/** Position of each column in a row; -1: not there. */
interface Columns {
  readonly names: readonly string[];
  readonly arrived: number;
  readonly prompt: number;
  readonly output: number;
  readonly cached: number;
  readonly hashes: number;
}

function parseHeader(source: string, content: string): Columns {
  const where: Where = { source, path: 'line 1 (header)' };
  const names = cellsOf(content, () => where).map((name) => name.trim());
  const missing = REQUIRED.filter((name) => !names.includes(name));
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index)
      refuse(where, { found: `the column ${name} twice`, allowed: 'every column once' });
    if (!KNOWN.includes(name)) {
      const likely = missing.length > 0 ? missing : [...REQUIRED, CACHED];
      const hint = didYouMean(name, likely) ?? didYouMean(name, KNOWN);
      refuse(where, { found: `the column ${show(name)}`, allowed: `the columns ${KNOWN.join(', ')}`, hint });
    }
  }
  if (missing.length > 0) {
    refuse(where, {
      found: `no column ${missing.join(', ')}`,
      allowed: `a header with ${REQUIRED.join(', ')}`,
    });
  }
  const at = (name: string) => names.indexOf(name);
  return {
    names,
    arrived: at('arrived_at_s'),
    prompt: at('prompt_tokens'),
    output: at('output_tokens'),
    cached: at(CACHED),
    hashes: at(HASHES),
  };
}

/** One row while it is checked. */
class RowReader {
  private readonly cells: readonly string[];

  constructor(
    private readonly source: string,
    private readonly row: number,
    private readonly line: number,
    private readonly columns: Columns,
    content: string,
  ) {
    this.cells = cellsOf(content, () => this.where());
    if (this.cells.length !== columns.names.length) this.refuseWidth();
  }

  time(column: number): number {
    const value = numberOf(this.cells[column] ?? '');
    if (value >= 0 && value <= LIMITS.arrivalS) return value;
    const hint =
      value > LIMITS.arrivalS ? 'count seconds from the start of the trace, not from 1970' : undefined;
    return this.refuseCell(column, `a number of seconds from 0 to ${LIMITS.arrivalS}`, hint);
  }

  tokens(column: number, min: number, max: number): number {
    const value = numberOf(this.cells[column] ?? '');
    if (value >= min && value <= max && Number.isInteger(value)) return value;
    const most = column === this.columns.cached ? `${max}, the row's prompt_tokens` : String(max);
    return this.refuseCell(column, `a whole number from ${min} to ${most}`);
  }

  /** Hashes parted by spaces: whole numbers, or any other text without spaces. */
  hashes(column: number): number[] {
    const hashes: number[] = [];
    for (const hash of (this.cells[column] ?? '').split(' ')) if (hash !== '') hashes.push(hashNumber(hash));
    return hashes;
  }

  refuseOrder(column: number, previous: number): never {
    return this.refuseCell(
      column,
      `at least ${previous}, the arrival of the row before`,
      'sort the rows by arrived_at_s',
    );
  }

  private refuseCell(column: number, allowed: string, hint?: string): never {
    const cell = this.cells[column] ?? '';
    const found =
      cell.trim() === '' ? 'an empty cell' : Number.isNaN(numberOf(cell)) ? show(cell) : cell.trim();
    return refuse(this.where(this.columns.names[column]), { found, allowed, hint });
  }

  private refuseWidth(): never {
    const found =
      this.cells.length === 1 && this.cells[0]?.trim() === ''
        ? 'an empty line'
        : `${this.cells.length} cells`;
    const allowed = `${this.columns.names.length} cells (${this.columns.names.join(', ')})`;
    const hint = this.cells.length < this.columns.names.length ? 'is the file cut off?' : undefined;
    return refuse(this.where(), { found, allowed, hint });
  }

  private where(column?: string): Where {
    const path = `row ${this.row} (line ${this.line})`;
    return { source: this.source, path: column === undefined ? path : `${path}, column ${column}` };
  }
}

/** A hash as a number: itself where a double holds it, else 53 bits of it. */
function hashNumber(hash: string): number {
  const value = Number(hash);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  let [high, low] = [0x811c9dc5, 0x050c5d1f];
  for (let i = 0; i < hash.length; i++) {
    high = Math.imul(high ^ hash.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ hash.charCodeAt(i), 0x85ebca6b) ^ (low >>> 13);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
