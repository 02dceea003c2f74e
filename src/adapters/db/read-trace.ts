import type { ReadStore } from '../../app/ports/read-store';
import { SHARED_WORKSPACE_ID, type StoredTrace } from '../../app/ports/records';
import { DEFAULT_HASH_BLOCK_TOKENS } from '../../core/workload/prefix-hashes';
import type { Trace } from '../../core/workload/workload';
import { checkText } from './check-text';
import type { Database } from './connect';
import { isUuid } from './cursor';
import { readAgain } from './read-again';

/** The requests of a trace. Its arrays come as text: reading that is several times faster than a general array parser. */
export function createTraceReads({ sql }: Database): Pick<ReadStore, 'loadTrace'> {
  return {
    async loadTrace(workspaceId, idOrName) {
      const id = isUuid(idOrName) ? idOrName : null;
      const [row] = await readAgain(
        async () => sql<TraceRow[]>`
        SELECT id, name, arrived_at_s::text, prompt_tokens::text, output_tokens::text, cached_prompt_tokens::text,
          prompt_blocks::text, blocks_of_request::text
        FROM traces
        WHERE workspace_id IN (${workspaceId}, ${SHARED_WORKSPACE_ID})
          AND (id = ${id} OR (name = ${checkText(idOrName, 'trace')} AND archived_at IS NULL))
        ORDER BY id IS NOT DISTINCT FROM ${id} DESC, workspace_id = ${SHARED_WORKSPACE_ID} LIMIT 1`,
      );
      return row === undefined ? null : fromTraceRow(row);
    },
  };
}

interface TraceRow {
  readonly id: string;
  readonly name: string;
  readonly arrived_at_s: string;
  readonly prompt_tokens: string;
  readonly output_tokens: string;
  readonly cached_prompt_tokens: string;
  /** Null: it has no hashes. */
  readonly prompt_blocks: string | null;
  readonly blocks_of_request: string | null;
}

const fromTraceRow = (row: TraceRow): StoredTrace => ({
  id: row.id,
  name: row.name,
  arrivedAtS: Float64Array.from(row.arrived_at_s.slice(1, -1).split(','), Number),
  promptTokens: integers(row.prompt_tokens),
  outputTokens: integers(row.output_tokens),
  cachedPromptTokens: integers(row.cached_prompt_tokens),
  ...hashesOf(row),
});

function hashesOf({ prompt_blocks: stored, blocks_of_request: counts }: TraceRow): Pick<Trace, 'hashes'> {
  if (stored === null || counts === null) return {};
  const blocks = integers(stored);
  const perRequest = integers(counts);
  const starts = new Int32Array(perRequest.length + 1);
  perRequest.forEach((count, i) => {
    starts[i + 1] = starts[i]! + count;
  });
  // Numbered in order of appearance, from 0.
  const distinct = blocks.reduce((most, block) => Math.max(most, block + 1), 0);
  return { hashes: { blockTokens: DEFAULT_HASH_BLOCK_TOKENS, blocks, starts, distinct } };
}

const [ZERO, NINE] = ['0'.charCodeAt(0), '9'.charCodeAt(0)];

/** Of `{1,2,3}`, none below 0. Character by character: a trace may have millions, and splitting takes ten times as long. */
function integers(array: string): Int32Array {
  const values = new Int32Array(array.length >> 1);
  let count = 0;
  let value = -1;
  for (let i = 1; i < array.length; i++) {
    const code = array.charCodeAt(i);
    if (code >= ZERO && code <= NINE) value = Math.max(value, 0) * 10 + code - ZERO;
    else if (value >= 0) {
      values[count++] = value;
      value = -1;
    }
  }
  return values.slice(0, count);
}
