// Servers and workers that are started again whenever they are killed, and a database that is watched over as it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService } from './processes.mjs';

/** A start fails while the database is away: it is tried again, as any supervisor does. */
const RETRY_MS = 500;
const STARTS_MAX = 60;

/** `ends`: where it is noted down that a service ended which nobody had killed. */
export async function supervise(command, { env, nodeOptions = [] }, ends) {
  let expected = false;
  let port = env.PORT;
  let ready = start();
  await ready;

  async function start() {
    for (let attempt = 1; ; attempt++) {
      try {
        const service = await startService(command, {
          env: port === undefined ? env : { ...env, PORT: port },
          nodeOptions,
          quiet: true,
        });
        // Clients find it again where it was.
        if (service.url !== null) port = new URL(service.url).port;
        expected = false;
        let said = '';
        service.child.stderr.on('data', (data) => {
          said = (said + data).slice(-2000);
        });
        service.ended.then(() => {
          if (expected) return;
          ends.push(`a ${command} ended by itself: ${said}`);
          ready = start();
        });
        return service;
      } catch (error) {
        if (attempt === STARTS_MAX) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  return {
    current: () => ready,
    /** kill -9, and a new one on its way. Returns the one that was killed. */
    async kill() {
      const service = await ready;
      expected = true;
      await service.kill();
      ready = start();
      return service;
    },
    async stop() {
      const service = await ready;
      expected = true;
      await service.stop();
    },
  };
}

/** kill -9 of PostgreSQL's first process, `tell` just before. Its watchdog starts it again, on the same port. */
export async function killDatabase({ dataFolder }, tell) {
  for (;;) {
    try {
      const [pid] = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 0);
      tell();
      process.kill(Number(pid), 'SIGKILL');
      return;
    } catch (error) {
      // Killed a moment ago, and not there again yet.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
      await sleep(20);
    }
  }
}
