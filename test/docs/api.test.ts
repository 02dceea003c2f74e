import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST } from '../support/built-server';
import { createTestDatabase } from '../support/test-database';
import { blocksOf, ROOT, readGuide } from './guides';

// docs/api.md against the built server. scripts/docs-api.mjs says how the guide is read, and refreshes its answers.

const TIMEOUT_MS = 120_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docs-api-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a guide on a database of its own; what is wrong with it. */
async function problemsOf(text: string): Promise<{ code: number | null; stderr: string }> {
  const path = join(folder, 'guide.md');
  writeFileSync(path, text);
  const database = await createTestDatabase();
  try {
    const env = { ...process.env, DATABASE_URL: database.url, TEST_DIST: DIST };
    const child = spawn(process.execPath, [join(ROOT, 'scripts/docs-api.mjs'), path], { cwd: ROOT, env });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    expect(readFileSync(path, 'utf8')).toBe(text);
    return { code, stderr };
  } finally {
    await database.drop();
  }
}

test(
  'every operation gives the answer that docs/api.md shows',
  async () => {
    expect(await problemsOf(readGuide('api.md'))).toEqual({ code: 0, stderr: '' });
  },
  TIMEOUT_MS,
);

test('every operation of docs/api.md is one that is run', () => {
  const kinds = blocksOf('api.md').map(({ language, head }) => `${language} ${head}`);
  const count = (kind: string) => kinds.filter((other) => other === kind).length;
  expect(count('json answer')).toBe(count('graphql operation') + count('bash curl'));
  expect(count('graphql operation')).toBeGreaterThan(20);
  const known = ['graphql operation', 'json variables', 'json answer', 'bash curl', 'sh '];
  expect(kinds.filter((kind) => !known.includes(kind))).toEqual([]);
});

const step = (query: string, answer: string) =>
  `\`\`\`graphql operation\n${query}\n\`\`\`\n\n\`\`\`json answer\n${answer}\n\`\`\`\n`;

test(
  'a guide that is wrong is found out',
  async () => {
    const text = [
      step('{ viewer { role } }', '{ "viewer": { "role": "ADMIN" } }'),
      step('{ viewer { role } }', '{ "viewer": { "role": "VIEWER" } }'),
      step('{ viewer { role keyId } }', '{ "viewer": { "role": "ADMIN" } }'),
      step('{ gpus { id } }', '{ "gpus": [{ "id": "t4" }] }'),
      step('{ nothing }', '{ "nothing": 1 }'),
    ].join('\n');
    const { code, stderr } = await problemsOf(text);
    expect(code).toBe(1);
    const lines = [...stderr.matchAll(/guide\.md:(\d+):/g)].map(([, line]) => Number(line));
    expect(lines).toEqual([9, 17, 25, 33]);
    expect(stderr).toContain('GRAPHQL_VALIDATION_FAILED');
  },
  TIMEOUT_MS,
);
