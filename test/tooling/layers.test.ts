import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// Each layer rule is shown to bite. All breaches stand in one tree, since each run of the checker takes a second.

const script = join(__dirname, '../../scripts/check-layers.mjs');
const leaf = 'export type X = 1;';

/** Checks a tree of files; returns its breaches as `rule: file -> import`, sorted, without unresolved packages. */
function breaches(tree: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    const lines = stderr.split('\n').filter((line) => /^[a-z-]+: src\//.test(line));
    expect(stdout).toContain(`layers: ${Object.keys(tree).length} modules read`);
    expect(status).toBe(lines.length === 0 ? 0 : 1);
    // The tree has no node_modules, so every package in it is unresolved too.
    return lines.filter((line) => !line.startsWith('no-unresolved')).sort();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('imports that point left pass', () => {
  expect(
    breaches({
      'src/core/x.ts': leaf,
      'src/formats/x.ts': "export * from '../core/x';",
      'src/app/x.ts': "export * from '../formats/x';",
      'src/adapters/cli/x.ts': "export * from '../../app/x';",
      'src/config.ts': leaf,
      'src/cli.ts': "export * from './adapters/cli/x'; export * as config from './config';",
    }),
  ).toEqual([]);
});

test('every other import is a breach, named by its rule', () => {
  expect(
    breaches({
      'src/core/leaf.ts': leaf,
      'src/core/builtin.ts': "import 'node:fs';",
      'src/core/package.ts': "import 'some-package';",
      'src/core/type.ts': "export type { X } from '../app/leaf';",
      'src/formats/leaf.ts': leaf,
      'src/formats/right.ts': "import '../app/leaf';",
      'src/app/leaf.ts': leaf,
      'src/app/right.ts': "import '../adapters/cli/leaf';",
      'src/app/config.ts': "import '../config';",
      'src/app/threads.ts': "import 'piscina';",
      'src/app/table.ts': "import 'csv-parse/sync';",
      'src/app/sql.ts': "import 'postgres'; import '@prisma/client';",
      'src/app/queue.ts': "import 'pg-boss';",
      'src/adapters/http/schema.ts': "import 'graphql'; import 'type-graphql';",
      'src/adapters/db/server.ts': "import 'express';",
      'src/adapters/graphql/server.ts': "import 'express'; import '@apollo/server';",
      'src/app/cycle-a.ts': "import './cycle-b';",
      'src/app/cycle-b.ts': "import './cycle-a';",
      'src/adapters/cli/leaf.ts': leaf,
      'src/adapters/cli/parser.ts': "import 'yaml'; import 'zod';",
      'src/adapters/workers/other.ts': "import '../cli/leaf';",
      'src/adapters/workers/bar.ts': "import 'cli-progress';",
      'src/config.ts': "import './app/leaf';",
      'src/cli.ts': "import 'commander';",
    }),
  ).toEqual([
    'adapters-stand-alone: src/adapters/workers/other.ts -> src/adapters/cli/leaf.ts',
    'app-imports-left: src/app/config.ts -> src/config.ts',
    'app-imports-left: src/app/right.ts -> src/adapters/cli/leaf.ts',
    'config-stands-alone: src/config.ts -> src/app/leaf.ts',
    'core-is-pure: src/core/builtin.ts -> fs',
    'core-is-pure: src/core/package.ts -> some-package',
    'core-is-pure: src/core/type.ts -> src/app/leaf.ts',
    'database-only-in-db: src/app/sql.ts -> @prisma/client',
    'database-only-in-db: src/app/sql.ts -> postgres',
    'formats-imports-left: src/formats/right.ts -> src/app/leaf.ts',
    'graphql-only-in-graphql: src/adapters/http/schema.ts -> graphql',
    'graphql-only-in-graphql: src/adapters/http/schema.ts -> type-graphql',
    'http-only-in-http: src/adapters/db/server.ts -> express',
    'no-cycle: src/app/cycle-a.ts -> src/app/cycle-b.ts -> src/app/cycle-a.ts',
    'parsers-only-in-formats: src/adapters/cli/parser.ts -> yaml',
    'parsers-only-in-formats: src/adapters/cli/parser.ts -> zod',
    'parsers-only-in-formats: src/app/table.ts -> csv-parse/sync',
    'piscina-only-in-workers: src/app/threads.ts -> piscina',
    'queue-only-in-jobs: src/app/queue.ts -> pg-boss',
    'terminal-only-in-cli: src/adapters/workers/bar.ts -> cli-progress',
    'terminal-only-in-cli: src/cli.ts -> commander',
  ]);
});
