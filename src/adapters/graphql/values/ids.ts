import type { CandidateKey } from '../../../app/ports/records';
import { InputError } from '../../../core/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A client's id in the form it is stored in. Throws an InputError for what can be none. */
export function parseId(text: string, path: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  throw new InputError({
    source: 'query',
    path,
    found: JSON.stringify(shorten(text)),
    allowed: 'an id as this API gave it, a UUID',
  });
}

export const candidateId = ({ runId, configId }: CandidateKey): string => `${runId}:${configId}`;

/** The key of `<run id>:<config id>`. Throws an InputError for what can be none. */
export function parseCandidateId(text: string, path: string): CandidateKey {
  const [runId = '', config = '', ...rest] = text.split(':');
  if (UUID.test(runId) && /^[1-9]\d{0,8}$/.test(config) && rest.length === 0)
    return { runId: runId.toLowerCase(), configId: Number(config) };
  throw new InputError({
    source: 'query',
    path,
    found: JSON.stringify(shorten(text)),
    allowed: 'the id of a candidate as this API gave it: <id of the run>:<config id>',
  });
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
