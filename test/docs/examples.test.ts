import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { blocksOf, GUIDES, ROOT } from './guides';

/** Guides run up to a dozen plans. */
const TIMEOUT_MS = 120_000;

const script = (name: string, args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts', name), ...args], { encoding: 'utf8' });

test.each(GUIDES)(
  'the commands of %s print what it says',
  (guide) => {
    const { status, stderr } = script('docs-examples.mjs', [join(ROOT, 'docs', guide)]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  'the tables of docs/schedulers.md are what the engine gives',
  () => {
    const { status, stderr } = script('docs-schedulers.mjs', ['--check']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  },
  TIMEOUT_MS,
);

test('every guide has a command whose output is checked', () => {
  // The guides of the service have tests of their own: api.test.ts, and test/config.
  for (const guide of GUIDES.filter((name) => name !== 'api.md' && name !== 'operations.md')) {
    const heads = blocksOf(guide).map(({ language, head }) => `${language} ${head}`);
    const checked = heads.filter(
      (head, i) => head === 'text output' && heads[i - 1]?.startsWith('bash runnable'),
    );
    expect({ guide, checked: checked.length > 0 }).toEqual({ guide, checked: true });
  }
});
