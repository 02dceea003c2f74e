// Started by tests with scripts/typescript-hook.cjs: uses the embedded server of a folder until it is killed, or until its input
// ends, then it stops. Prints one line of JSON when the server is there.
import { startEmbeddedPostgres } from '../../src/adapters/db/embedded/embedded-postgres';

void (async () => {
  const server = await startEmbeddedPostgres({ folder: process.argv[2]!, database: 'plans', durable: false });
  const { url, port, owner, dataFolder } = server;
  process.stdout.write(`${JSON.stringify({ url, port, owner, dataFolder })}\n`);
  process.stdin.resume();
  process.stdin.on('end', () => void server.stop());
})();
