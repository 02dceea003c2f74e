import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { RequestLog } from '../core/engine/request-log';
import { refuse } from './fault';

const HEADER = 'arrived_at_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,preemptions\n';
/** Rows rendered at a time: ten million rows are longer than the longest string. */
const CHUNK_ROWS = 16_384;

/** `requests.csv` of `simulate`, in chunks of text: one row per request in order of arrival, empty cells where it did not finish. */
export function* renderRequests(log: RequestLog): Generator<string> {
  yield HEADER;
  for (let start = 0; start < log.arrivedAtS.length; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, log.arrivedAtS.length);
    let chunk = '';
    for (let row = start; row < end; row++) {
      chunk += `${log.arrivedAtS[row]},${log.promptTokens[row]},${log.outputTokens[row]},`;
      chunk += `${ms(log.ttftMs[row])},${ms(log.tpotMs[row])},${ms(log.e2eMs[row])},${log.preemptions[row]}\n`;
    }
    yield chunk;
  }
}

export function saveRequests(path: string, log: RequestLog): void {
  const file = openForWriting(path);
  try {
    for (const chunk of renderRequests(log)) writeFileSync(file, chunk);
  } finally {
    closeSync(file);
  }
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return refuse({ source: path, path: '' }, { found, allowed: 'a file that can be written' });
  }
}

/** A tenth of a microsecond is far below what the model knows. */
const ms = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '' : String(Math.round(value * 1e4) / 1e4);
