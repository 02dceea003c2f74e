// How long a server takes to be ready, and the memory it holds when nobody asks anything.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { completed, exampleRequest, launch } from './api-client.mjs';
import { removeDatabase } from './million.mjs';
import { median, residentMiBOf, root, startService } from './processes.mjs';

const folder = join(root, '.data', 'bench-boot');
const ROUNDS = 5;

export async function measureBoot({ note, report }) {
  if (existsSync(folder)) removeDatabase(folder);
  const env = { PORT: '0', SIMFAASINFER_DATA_FOLDER: folder, NODE_ENV: 'production' };
  const boot = async () => {
    const startedAtMs = performance.now();
    const server = await startService('serve', { env, nodeOptions: ['--max-semi-space-size=64'] });
    while ((await fetch(`${server.url}/readyz`)).status !== 200) await sleep(20);
    return { server, bootS: (performance.now() - startedAtMs) / 1000 };
  };
  note('starting a server with a database of its own, six times');
  const first = await boot();
  await first.server.stop();
  const warm = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { server, bootS } = await boot();
    warm.push(bootS);
    await server.stop();
  }
  report(
    `boot until /readyz, embedded database started too: first ${first.bootS.toFixed(1)} s, warm ${median(warm).toFixed(2)} s (median of ${ROUNDS})`,
  );

  const { server } = await boot();
  await sleep(10_000);
  const idleMiB = residentMiBOf(server.pid);
  note('evaluating a plan, and waiting until its threads have ended');
  const { runId } = await launch(server.url, { yaml: exampleRequest(), name: 'bench' });
  await completed(server.url, runId);
  await sleep(45_000);
  const afterPlanMiB = residentMiBOf(server.pid);
  await server.stop();
  report(
    `resident memory of an idle server without the database: ${idleMiB.toFixed(0)} MiB after boot, ${afterPlanMiB.toFixed(0)} MiB after a plan of 1,008 candidates`,
  );
}
