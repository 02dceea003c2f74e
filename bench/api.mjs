// What the service can do, on this machine: `npm run bench:api` (builds dist/ first). Linux only. Nothing here passes or fails.
// `npm run bench:api -- load` measures one part of: load, saving, workers, boot. The first time it fills a database of a
// million candidates and installs PostGraphile into .data, which takes some minutes.
import { cpus } from 'node:os';
import { measureBoot } from './lib/boot.mjs';
import { measureLoad } from './lib/compare-load.mjs';
import { openMillion } from './lib/million.mjs';
import { load } from './lib/processes.mjs';
import { measureSaving } from './lib/saving.mjs';
import { measureWorkers } from './lib/worker-scaling.mjs';

const PARTS = ['load', 'saving', 'workers', 'boot'];

const wanted = process.argv.slice(2);
const unknown = wanted.find((part) => !PARTS.includes(part));
if (unknown !== undefined)
  fail(`bench/api.mjs: there is no part '${unknown}'; the parts are ${PARTS.join(', ')}`);
if (process.platform !== 'linux') fail('bench/api.mjs: reads CPU times from /proc, so it runs on Linux only');
const measures = (part) => wanted.length === 0 || wanted.includes(part);

const lines = [`${cpus()[0].model.trim()} × ${cpus().length}, node ${process.version}`];
const note = (text) => console.error(text);
/** Beside each figure stands how busy the machine was: others may have used it too. */
const report = (text) => lines.push(`${text} [load average ${load()}]`);

if (measures('boot')) await measureBoot({ note, report });
if (PARTS.slice(0, 3).some(measures)) {
  const database = await openMillion(note);
  try {
    if (measures('load')) await measureLoad({ database, note, report });
    if (measures('workers')) await measureWorkers({ database, note, report });
    if (measures('saving')) await measureSaving({ database, note, report });
  } finally {
    await database.stop();
  }
}
console.log(lines.join('\n'));

function fail(message) {
  console.error(message);
  process.exit(2);
}
