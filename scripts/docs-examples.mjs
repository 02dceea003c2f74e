// Runs the examples of the guides: `node scripts/docs-examples.mjs [--write] docs/metrics.md …` (no file: all).
//
// A block ```yaml runnable file=request.yaml (also json, csv) is a file; ```bash runnable is run in a folder with the
// files above it, `simfaasinfer` being dist/cli.js; a ```text output block right after it must be what it printed.
// `exit=2` in the head of a bash block: it must end with that code. --write puts what was printed into the guide.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const BLOCK = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm;
const SECONDS_PER_EXAMPLE = 60;

const args = process.argv.slice(2);
const write = args.includes('--write');
const named = args.filter((arg) => !arg.startsWith('--'));
const guides =
  named.length > 0
    ? named.map((name) => resolve(name))
    : readdirSync(join(root, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(root, 'docs', name));

const problems = guides.flatMap(runGuide);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function runGuide(path) {
  const text = readFileSync(path, 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  try {
    const { found, updated } = runBlocks({ path, text, folder });
    if (write && updated !== text) writeFileSync(path, updated);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runBlocks({ path, text, folder }) {
  const found = [];
  let updated = text;
  let last = null;
  for (const block of text.matchAll(BLOCK)) {
    const [whole, language, head, body] = block;
    const line = text.slice(0, block.index).split('\n').length;
    if (language === 'text' && /\boutput\b/.test(head)) {
      if (last === null) found.push(`${path}:${line}: an output without a command above it`);
      else if (stable(last, folder) !== stable(body, folder)) {
        if (write) updated = updated.replace(whole, () => `\`\`\`text${head}\n${last}\`\`\``);
        else found.push(`${path}:${line}: the guide says\n${body}\nthe command prints\n${last}`);
      }
      last = null;
      continue;
    }
    last = null;
    if (!/\brunnable\b/.test(head)) continue;
    const file = /\bfile=(\S+)/.exec(head)?.[1];
    if (file !== undefined) save(join(folder, file), body);
    if (language !== 'bash') continue;
    const { output, status } = run(body, folder);
    const expected = Number(/\bexit=(\d+)/.exec(head)?.[1] ?? 0);
    if (status !== expected)
      found.push(`${path}:${line}: exit code ${status}, not ${expected}:\n${body}${output}`);
    last = tidy(output, folder);
  }
  return { found, updated };
}

function save(file, body) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, body);
}

/** Runs a block as a person would, errors and output in the order in which a terminal shows them. */
function run(script, folder) {
  const lines = `simfaasinfer() { ${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, 'dist', 'cli.js'))} "$@"; }\n${script}`;
  const { stdout, status } = spawnSync('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${lines}`], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    timeout: SECONDS_PER_EXAMPLE * 1e3,
  });
  return { output: stdout ?? '', status };
}

/** As a guide shows it: paths relative to the folder, no blanks at the ends of lines. */
function tidy(output, folder) {
  const text = output
    .replaceAll(`${folder}/`, '')
    .replaceAll(folder, '.')
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n+|\n+$/g, '');
  return text === '' ? '' : `${text}\n`;
}

/** Without what differs from run to run: dates and CPU seconds. Everything else is deterministic. */
function stable(output, folder) {
  return tidy(output, folder)
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( UTC|Z)?/g, 'TIME')
    .replace(/[\d.]+ CPU s/g, 'N CPU s')
    .replace(/"(cpu_s|total_simulation_time_s)": [\d.]+/g, '"$1": N');
}
