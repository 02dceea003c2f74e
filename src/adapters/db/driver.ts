import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type postgres from 'postgres';

/** Each changes the one place where its first text stands. */
const MENDS: readonly (readonly [string, string])[] = [
  // A write to a connection that has been closed was thrown where nobody can catch it, which ends the process
  // (porsager/postgres issues 1066, 1154, 1208). It rejects the statement.
  [
    'const x = socket.write(chunk, fn)',
    `if (socket === null) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return true
    }
    const x = socket.write(chunk, fn)`,
  ],
  // What was about to be written when the connection was closed stayed so: the next connection in its place waited for it
  // to be sent, in vain, ran into its time limit, and so did all after it.
  [
    'clearImmediate(nextWriteTimer)\n    socket.removeListener',
    'clearImmediate(nextWriteTimer)\n    nextWriteTimer = chunk = null\n    socket.removeListener',
  ],
  // A statement put on a connection between the news of its reset and its end was never answered (issue 1186), and the
  // error that ended a connection was also given to the first statement of the next one. Who was waiting for its last
  // statement, to close it in good order, went on waiting (issue 1130).
  [
    "!hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))",
    `if (query || sent.length) error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = results = errorResponse = null
    ended && (ended(), ended = null)`,
  ],
  // A connection that ended while it asked for the types of arrays left a rejection that nobody handles, which ends the
  // process.
  ['return fetchArrayTypes()', 'return fetchArrayTypes().catch(errored)'],
];

/**
 * postgres.js, as it has to be for a database that may go away at any moment. Version 3.4.9 does not survive that: one of its
 * files is loaded with the changes below. Whatever version mends it: leave this out, the tests of cut connections tell.
 */
export const driver = loadMended();

function loadMended(): typeof postgres {
  const fromHere = createRequire(__filename);
  const index = fromHere.resolve('postgres');
  const connection = join(dirname(index), 'connection.js');
  const mended = evaluate(connection, MENDS.reduce(mend, readFileSync(connection, 'utf8')), {});
  return evaluate(index, readFileSync(index, 'utf8'), { './connection.js': mended }) as typeof postgres;
}

function mend(source: string, [found, changed]: readonly [string, string]): string {
  const parts = source.split(found);
  if (parts.length !== 2)
    throw new Error(
      `this is not postgres.js 3.4.9: ${JSON.stringify(found)} is there ${parts.length - 1} times`,
    );
  return parts.join(changed);
}

/** A CommonJS file as it would be loaded, but for what it requires by the names in `given`. */
function evaluate(file: string, source: string, given: Readonly<Record<string, unknown>>): unknown {
  const fromThere = createRequire(file);
  const module = { exports: {} };
  const run = new Function('module', 'require', `${source}\n//# sourceURL=${file}`);
  run(module, (name: string) => given[name] ?? fromThere(name));
  return module.exports;
}
