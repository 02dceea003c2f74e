import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './guides';

test('the tables of docs/accuracy.md that need no data from elsewhere are what the product yields', () => {
  const script = join(ROOT, 'scripts', 'accuracy', 'main.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toContain('everything is as it was');
  expect(status).toBe(0);
});
