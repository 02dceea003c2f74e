import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A free loopback port, the preferred one if possible. Never one of those the system hands out to outgoing connections
 * (from 32768 on Linux, 49152 on macOS): while the server is down, a client that keeps knocking could get its port.
 */
export async function choosePort(preferred: number | null): Promise<number> {
  // A server that is just ending keeps its port for a moment longer than its files.
  for (const deadline = Date.now() + 2000; preferred !== null && Date.now() < deadline; await sleep(50)) {
    if (await isFree(preferred)) return preferred;
  }
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
