// Runs docs/api.md against the built server: node scripts/docs-api.mjs [--write] [file]
//
// ```graphql operation begins a step; a ```json variables block after it holds its variables, a ```json answer block the
// `data` of its answer (the whole answer where that shows errors; of a subscription the last message). ```bash curl is run
// by bash, its answer (of an event stream the last one) whole. What an answer shows may be abridged:
//   "<planId>"            the first time, gives the value there that name; everywhere else it stands for that value
//   "…"                   any value;  "text…"  a text that begins so;  [a, b, "…"]  a list that begins so
//   0.1234                numbers have four significant digits
// --write puts the answers into the file, abridged as they were. The database is DATABASE_URL, which has to be empty, else
// one in a folder of its own; TEST_DIST names another build than dist/.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const write = args.includes('--write');
const path = args.find((arg) => !arg.startsWith('--')) ?? join(root, 'docs', 'api.md');
const URL_OF_GUIDE = 'http://127.0.0.1:4000';
const BLOCK = /^```(\w+) (operation|variables|answer|curl)\n([\s\S]*?)^```$/gm;
const WIDTH = 110;

/** What `"<name>"` stands for. */
const named = new Map();

const folder = mkdtempSync(join(tmpdir(), 'docs-api-'));
const server = await startServer();
try {
  const text = readFileSync(path, 'utf8');
  const { problems, updated } = await runSteps(text);
  if (write && updated !== text) writeFileSync(path, updated);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  server.child.kill('SIGTERM');
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
}

async function runSteps(text) {
  const problems = [];
  const answers = [];
  for (const step of stepsOf(text)) {
    const at = `${path}:${step.line}`;
    if (step.answer === null) {
      problems.push(`${at}: no answer is shown`);
      continue;
    }
    const shown = JSON.parse(step.answer);
    const got = await run(step);
    const wantsErrors = 'errors' in shown;
    if ('errors' in got !== wantsErrors) problems.push(`${at}: ${JSON.stringify(got).slice(0, 2000)}`);
    if ('errors' in got && !wantsErrors) continue;
    const whole = step.kind === 'curl' || wantsErrors;
    const answer = layout(abridged(whole ? got : got.data, shown));
    if (write) {
      answers.push({ ...step, answer, length: step.answer.length });
    } else if (answer !== layout(shown)) {
      problems.push(`${at}: the guide says\n${layout(shown)}\nthe server says\n${answer}`);
    }
  }
  // From the end, so that the places before stay where they are.
  const updated = answers.reduceRight(
    (sofar, { answer, answerAt, length }) =>
      `${sofar.slice(0, answerAt)}${answer}\n${sofar.slice(answerAt + length)}`,
    text,
  );
  return { problems, updated };
}

function stepsOf(text) {
  const steps = [];
  for (const { 2: kind, 3: body, index } of text.matchAll(BLOCK)) {
    const line = text.slice(0, index).split('\n').length;
    if (kind === 'operation' || kind === 'curl')
      steps.push({ kind, body, line, variables: '{}', answer: null });
    else if (steps.length === 0 || steps.at(-1).answer !== null)
      throw new Error(`${path}:${line}: ${kind} of nothing`);
    else Object.assign(steps.at(-1), { [kind]: body, [`${kind}At`]: index + `\`\`\`json ${kind}\n`.length });
  }
  return steps;
}

async function run({ kind, body, variables }) {
  if (kind === 'curl') {
    const command = known(body).replaceAll(URL_OF_GUIDE, server.url);
    const { stdout, stderr } = spawnSync('bash', ['-ec', command], { encoding: 'utf8' });
    if (stdout === '') throw new Error(`curl printed nothing: ${stderr}`);
    const [lastEvent] = stdout.match(/(?<=^data: ).+$/gm)?.slice(-1) ?? [];
    return JSON.parse(lastEvent ?? stdout);
  }
  const request = { query: body, variables: JSON.parse(known(variables)) };
  const isSubscription = parse(body).definitions.some(({ operation }) => operation === 'subscription');
  if (isSubscription) return lastMessage(request);
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  return response.json();
}

async function lastMessage(request) {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  let last = { errors: ['no message came'] };
  for await (const message of client.iterate(request)) last = message;
  await client.dispose();
  return last;
}

/** A text with every name in it replaced by what it stands for. */
function known(text) {
  return text.replace(/<(\w+)>/g, (whole, name) => named.get(name) ?? whole);
}

/** What the server said, cut down to what is shown. Of what is not shown yet the beginning is taken. */
function abridged(value, shown) {
  if (shown === '…') return shown;
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  if (typeof value === 'string') return abridgedText(value, shown);
  if (Array.isArray(value)) {
    const like = Array.isArray(shown) ? shown : value.length > 3 ? [undefined, undefined, '…'] : [];
    const isCut = like.at(-1) === '…';
    const kept = isCut ? value.slice(0, like.length - 1) : value;
    const rest = kept.length < value.length ? ['…'] : [];
    return [...kept.map((item, i) => abridged(item, like[i])), ...rest];
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, abridged(part, shown?.[key])]));
}

function abridgedText(text, shown) {
  const name = /^<(\w+)>$/.exec(shown ?? '')?.[1];
  if (name !== undefined && !named.has(name)) named.set(name, text);
  const [...entries] = named;
  const told = entries.reduce((sofar, [key, value]) => sofar.replaceAll(value, `<${key}>`), text);
  if (typeof shown === 'string' && shown.endsWith('…')) return `${told.slice(0, shown.length - 1)}…`;
  return shown === undefined && told.length > 400 ? `${told.slice(0, 100)}…` : told;
}

/** JSON with what fits into a line on one. */
function layout(value, indent = '') {
  const line = inline(value);
  if (indent.length + line.length <= WIDTH || typeof value !== 'object' || value === null) return line;
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Array.isArray(value)
    ? value.map((item) => layout(item, deeper))
    : Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${layout(part, deeper)}`);
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`;
}

function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${inline(part)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** The built server with nothing in its database, and where it listens. */
function startServer() {
  const { PATH = '', HOME = '', DATABASE_URL = '', TEST_DIST = join(root, 'dist') } = process.env;
  const env = { PATH, HOME, PORT: '0', DATABASE_URL, SIMFAASINFER_DATA_FOLDER: join(folder, 'database') };
  const child = spawn(process.execPath, [join(TEST_DIST, 'cli.js'), 'serve'], { env, stdio: 'pipe' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const told = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        told.push(line);
        const url = /"url":"([^"]+)"/.exec(line)?.[1];
        if (url !== undefined) resolve({ url, child, ended });
      });
    }
    void ended.then(() => reject(new Error(`the server ended:\n${told.join('\n')}`)));
  });
}
