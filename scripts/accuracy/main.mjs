// Compares the product with real runs, and writes the made parts of docs/accuracy.md and its plots.
//   npm run accuracy [-- FOLDER] [--check] [--transfer-table]
// FOLDER holds measured/ and telemetry/, data without a licence to ship; without it their parts are left as they are.
// --check compares instead of writing. --transfer-table writes the intervals of src/core/profile/transfer-error.ts, and no more.
import { parseArgs } from 'node:util';
import { partsOfGuide, save } from './document.mjs';
import { measuredParts } from './measured-parts.mjs';
import { transferErrors } from './plots.mjs';
import { measureTransfer } from './transfer.mjs';
import { saveTransferIntervals, transferIntervalTable, transferText } from './transfer-report.mjs';
import { vidurTable } from './vidur.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    'transfer-table': { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
const tell = (words) => console.log(words);
const faults = [];

tell('transfer between degrees and GPUs');
const transfer = measureTransfer();
faults.push(...saveTransferIntervals(transfer, { check: !flags['transfer-table'] }));
if (!flags['transfer-table']) {
  tell("Vidur's runs");
  const parts = {
    vidur: vidurTable(),
    transfer: transferText(transfer),
    'transfer-intervals': transferIntervalTable(transfer),
  };
  const plots = { 'transfer.svg': transferErrors(transfer) };
  if (folder !== undefined) {
    const measured = measuredParts(folder, tell);
    Object.assign(parts, measured.parts);
    Object.assign(plots, measured.plots);
    faults.push(...measured.faults);
  }
  finish(save({ parts, plots, check: flags.check }), parts);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

function finish(differing, made) {
  const left = partsOfGuide().filter((name) => !(name in made));
  if (left.length > 0) tell(`left as they were, for want of FOLDER: ${left.join(', ')}, and their plots`);
  if (differing.length === 0) tell('everything is as it was');
  else if (!flags.check) tell(`written: ${differing.join(', ')}`);
  else faults.push(...differing.map((path) => `${path} differs: write it again with npm run accuracy`));
}
