// Generates the database client, compiles src/ into an empty dist/ (a file removed from src must not live on in the
// package), and checks that every command of package.json's "bin" came out as something a shell can run.
//
// Usage: build.mjs [--if-changed | --generate-only]
//   --if-changed      does nothing when dist/ is newer than everything it is made from
//   --generate-only   generates the database client, which types and lint need, and no more
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const generated = join(root, 'src/adapters/db/generated');
const stamp = join(root, 'dist/.built');
const sources = ['src', 'prisma/schema.prisma', 'package.json', 'package-lock.json', 'tsconfig.json'];

if (
  process.argv.includes('--if-changed') &&
  newest([stamp]) > newest(sources.map((path) => join(root, path)))
)
  process.exit(0);

if (newest([join(generated, 'client.ts')]) <= newest([join(root, 'prisma/schema.prisma')])) {
  rmSync(generated, { recursive: true, force: true });
  run('prisma/build/index.js', ['generate', '--no-hints'], 'pipe');
}
if (process.argv.includes('--generate-only')) process.exit(0);
rmSync(join(root, 'dist'), { recursive: true, force: true });
run('typescript/bin/tsc', ['-p', root], 'inherit');

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const [name, path] of Object.entries(bin)) {
  const file = join(root, path);
  if (!readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n')) {
    console.error(
      `${path} (command ${name}) has no shebang: its source must start with "#!/usr/bin/env node".`,
    );
    process.exit(1);
  }
  chmodSync(file, 0o755);
}
writeFileSync(stamp, '');

/** Runs a command of a package; when it fails it has said why, and a stack trace of this script would hide it. */
function run(command, args, output) {
  const script = createRequire(import.meta.url).resolve(command);
  try {
    execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', output, output] });
  } catch (error) {
    console.error(String(error.stdout ?? ''), String(error.stderr ?? ''));
    process.exit(1);
  }
}

/** When the newest file of these files and folders was written, ms; 0 when there is none. */
function newest(paths) {
  return Math.max(
    0,
    ...paths.map((path) => {
      if (!existsSync(path)) return 0;
      const { mtimeMs } = statSync(path);
      if (!statSync(path).isDirectory()) return mtimeMs;
      return Math.max(mtimeMs, newest(readdirSync(path).map((name) => join(path, name))));
    }),
  );
}
