import { GraphQLError } from 'graphql';
import { toWireError } from '../../src/adapters/graphql/errors';
import { StoreUnavailableError } from '../../src/app/ports/run-store';

test('a database that is away is said to be so, to be asked again, without its address', () => {
  const lines: unknown[] = [];
  const note = (...line: unknown[]) => void lines.push(line);
  const cause = new StoreUnavailableError(new Error('connect ECONNREFUSED 10.1.2.3:5432'));
  const error = new GraphQLError(cause.message, { path: ['plans'], originalError: cause });
  const answer = toWireError(error.toJSON(), error, {
    id: 'r1',
    logger: { debug: note, info: note, warn: note, error: note },
  });
  expect(answer).toEqual({
    message: 'the database cannot be reached: ask again in some seconds',
    path: ['plans'],
    extensions: { code: 'UNAVAILABLE' },
  });
  expect(lines).toEqual([[{ err: cause, requestId: 'r1', path: ['plans'] }, 'the database is away']]);
});
