import type { ReadStore } from '../../app/ports/read-store';
import { SHARED_WORKSPACE_ID, type StoredTrace } from '../../app/ports/records';
import { checkText } from './check-text';
import type { Database } from './connect';
import { isUuid } from './cursor';
import { readAgain } from './read-again';

/** The requests of a trace. Its arrays come as text: splitting that is several times faster than a general array parser. */
export function createTraceReads({ sql }: Database): Pick<ReadStore, 'loadTrace'> {
  return {
    async loadTrace(workspaceId, idOrName) {
      const id = isUuid(idOrName) ? idOrName : null;
      const [row] = await readAgain(
        async () => sql<TraceRow[]>`
        SELECT id, name, arrived_at_s::text, prompt_tokens::text, output_tokens::text, cached_prompt_tokens::text
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
}

const fromTraceRow = (row: TraceRow): StoredTrace => ({
  id: row.id,
  name: row.name,
  arrivedAtS: Float64Array.from(elements(row.arrived_at_s), Number),
  promptTokens: Int32Array.from(elements(row.prompt_tokens), Number),
  outputTokens: Int32Array.from(elements(row.output_tokens), Number),
  cachedPromptTokens: Int32Array.from(elements(row.cached_prompt_tokens), Number),
});

/** Of `{1,2,3}`. */
const elements = (array: string): string[] => (array === '{}' ? [] : array.slice(1, -1).split(','));
