// Compiles src/ into an empty dist/ (a file removed from src must not live on in the package), and checks
// that every command of package.json's "bin" came out as something a shell can run.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, '-p', root], { stdio: 'inherit' });
} catch {
  // tsc has already said what is wrong; a stack trace of this script would hide it.
  process.exit(1);
}

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
