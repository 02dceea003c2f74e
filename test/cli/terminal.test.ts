import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { createProgress } from '../../src/adapters/cli/progress';
import { cli, ROOT, SMALL_REQUEST, scratchFolder } from './support';

const { write } = scratchFolder();
const ESCAPE = '\u001b[';

function fakeTerminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') };
}

test('a terminal shows candidates done, their rate and the time left', () => {
  const { stream, text } = fakeTerminal();
  const progress = createProgress(stream, true);
  progress.update({ done: 4, total: 12 });
  progress.update({ done: 5, total: 12 });
  progress.update({ done: 12, total: 12 });
  progress.stop();
  progress.stop();
  const shown = text();
  expect(shown).toContain('4/12 candidates');
  expect(shown).toMatch(/12\/12 candidates \| [\d.]+\/s \| \d+s left/);
});

test('nothing is written where progress is not shown', () => {
  const { stream, text } = fakeTerminal();
  const progress = createProgress(stream, false);
  progress.update({ done: 1, total: 2 });
  progress.stop();
  expect(text()).toBe('');
});

test('piped, the command writes no progress', async () => {
  const { code, stdout, stderr } = await cli(['plan', '--request', write('request.yaml', SMALL_REQUEST)]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain(ESCAPE);
});

// util-linux's script gives a command a terminal of its own; where it is missing the tests above must do.
const PSEUDO_TERMINAL = 'script';
const version = spawnSync(PSEUDO_TERMINAL, ['--version'], { encoding: 'utf8' });
if (version.status === 0 && version.stdout.includes('util-linux')) {
  test('on a terminal the built command shows progress, then the report; not with --quiet', () => {
    const request = write('request.yaml', SMALL_REQUEST);
    const inTerminal = (flags: string) =>
      spawnSync(
        PSEUDO_TERMINAL,
        ['-qec', `node dist/cli.js plan --request ${request} ${flags}`, '/dev/null'],
        {
          cwd: ROOT,
          encoding: 'utf8',
        },
      );
    const shown = inTerminal('');
    expect(shown.status).toBe(0);
    expect(shown.stdout).toMatch(/\d\/2 candidates[\s\S]*RECOMMENDED CONFIGURATION/);
    expect(inTerminal('--quiet').stdout).toBe('');
  });
}
