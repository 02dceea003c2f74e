// How far the time model misses rows of the library's profiles that it was not fitted to (cross-validation), and what finding that
// out costs. Prints quantiles over the profiles, and the worst ones.
//   node scripts/accuracy-residuals.mjs [--dist FOLDER]
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: flags } = parseArgs({
  options: { dist: { type: 'string', default: process.env.BENCH_DIST ?? join(root, 'dist') } },
});
const require = createRequire(import.meta.url);
const dist = (path) => require(join(resolve(flags.dist), path));
const { loadCatalog } = dist('app/load-catalog.js');
const { listLibrary, loadLibraryProfile } = dist('app/library.js');
const { crossValidate } = dist('core/profile/cross-validate.js');

const SMALL = 60;
const WARM_UP = 40;

const catalog = loadCatalog();
const profiles = listLibrary().map(({ id, gpuId, modelId }) => ({
  profile: loadLibraryProfile(id, catalog),
  hardware: {
    gpu: catalog.gpus.find((gpu) => gpu.id === gpuId),
    model: catalog.models.find((model) => model.id === modelId),
  },
}));
for (const { profile, hardware } of profiles.slice(0, WARM_UP)) crossValidate(profile, hardware);
const found = profiles.map(({ profile, hardware }) => {
  const before = process.cpuUsage();
  const { prefill, decode } = crossValidate(profile, hardware);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1e3;
  const rows = profile.prefill.length + profile.decode.length;
  return { id: profile.id, rows, ms, prefill, decode, worse: Math.max(prefill, decode) };
});
const small = found.filter(({ rows }) => rows < SMALL);

console.log(`${found.length} profiles: one standard deviation of their error between the rows`);
console.log('                        median     p90     max');
line('prefill', found, 'prefill');
line('decode', found, 'decode');
line('the worse of both', found, 'worse');
line(`  under ${SMALL} rows (${small.length})`, small, 'worse');
console.log(
  `CPU per profile, ms     ${[0.5, 0.9, 1].map((q) => quantile(found, 'ms', q).toFixed(1).padStart(6)).join('  ')}`,
);
console.log('worst:');
for (const { id, prefill, decode } of found.toSorted((a, b) => b.worse - a.worse).slice(0, 8))
  console.log(`  ${id}: prefill ${percent(prefill)}, decode ${percent(decode)}`);

function line(name, of, key) {
  console.log(
    `${name.padEnd(22)}  ${[0.5, 0.9, 1].map((q) => percent(quantile(of, key, q)).padStart(6)).join('  ')}`,
  );
}

function quantile(of, key, q) {
  const sorted = of.map((one) => one[key]).filter((value) => value !== null);
  sorted.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

function percent(share) {
  return share === null ? 'too small' : `${(100 * share).toFixed(1)}%`;
}
