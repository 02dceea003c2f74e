import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '../../src/adapters/http/logger';
import { createMetrics } from '../../src/adapters/http/metrics';
import { ROUTES } from '../../src/adapters/http/routes';
import { SERVER_VARIABLES } from '../../src/formats/server-variables';

const ROOT = join(__dirname, '..', '..');
const guide = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
const lines = guide.split('\n');

test('docs/operations.md has the row of every variable, and no other variable', () => {
  const rows = Object.values(SERVER_VARIABLES).map(
    ({ name, allowed, defaultText, meaning }) => `| \`${name}\` | ${allowed} | ${defaultText} | ${meaning} |`,
  );
  expect(lines.filter((line) => /^\| `[A-Z_]+` \|/.test(line))).toEqual(rows);
  const named = new Set(guide.match(/SIMFAASINFER_[A-Z_]*[A-Z]/g));
  const known: string[] = Object.values(SERVER_VARIABLES).map(({ name }) => name);
  expect([...named].filter((name) => !known.includes(name))).toEqual([]);
});

test('docs/operations.md has every metric of ours, and no other', async () => {
  const metrics = createMetrics({ version: '1', logger: createLogger({ level: 'silent', role: 'server' }) });
  metrics.port.watchQueue(async () => ({ waiting: 0, active: 0, workers: 0 }));
  metrics.watchWebSockets(() => 0);
  const { text } = await metrics.render();
  const ours = [...text.matchAll(/^# TYPE (simfaasinfer_\w+)/gm)].map(([, name]) => name).sort();
  const rows = [...guide.matchAll(/^\| `(simfaasinfer_\w+)` \|/gm)].map(([, name]) => name).sort();
  expect(ours.length).toBeGreaterThan(8);
  expect(rows).toEqual(ours);
});

test('docs/operations.md has every code with which HTTP requests are refused', () => {
  const folder = join(ROOT, 'src/adapters/http');
  const source = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const codes = [...source.matchAll(/HttpError\(\s*\d+,\s*'([A-Z_]+)'/g)].map(([, code]) => code ?? '');
  const all = [...new Set([...codes, 'UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL', 'RATE_LIMITED'])];
  expect(all.length).toBeGreaterThan(15);
  expect(all.filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
});

test('docs/operations.md names every path', () => {
  const paths = Object.values(ROUTES).filter((path) => path !== '/');
  expect(paths.filter((path) => !guide.includes(path))).toEqual([]);
});
