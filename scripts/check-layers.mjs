// Holds src/ to the layers of .dependency-cruiser.cjs. Usage: check-layers.mjs [folder that contains src/]
//
// A script rather than the `depcruise` command because that one passes when it finds no TypeScript API it can use:
// it then reads no modules, or reads them with swc and misses every type import. Here both are errors.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, getAvailableTranspilers } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

const parser = getAvailableTranspilers().find(({ name }) => name === 'typescript');
if (!parser?.available) {
  console.error(
    'layers: no TypeScript with a JS API is installed (6.x; 7 has none); the check proves nothing.',
  );
  process.exit(1);
}

process.chdir(process.argv[2] ?? project);
const { output } = await cruise(['src'], { ...options, ruleSet: { forbidden }, validate: true }, undefined, {
  tsConfig: extractTSConfig(join(project, 'tsconfig.json')),
});

const files = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts'));
const read = output.modules.filter(({ source }) => /^src\/.*\.ts$/.test(source));
if (read.length === 0 || read.length < files.length) {
  console.error(`layers: read ${read.length} of ${files.length} .ts files in src; the check proves nothing.`);
  process.exit(1);
}

const { violations } = output.summary;
const why = new Map(forbidden.map(({ name, comment }) => [name, comment]));
for (const { rule, from, to, cycle } of violations) {
  const path = cycle ? cycle.map(({ name }) => name).join(' -> ') : to;
  console.error(`${rule.name}: ${from} -> ${path}\n    ${why.get(rule.name)}`);
}
console.log(`layers: ${read.length} modules read, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
