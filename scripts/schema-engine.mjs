#!/usr/bin/env node
// What Prisma's CLI takes for its native `schema-engine` program, which it would download: the same JSON-RPC over
// standard input and output, answered by @prisma/schema-engine-wasm through node-postgres. prisma.config.ts names this
// file in PRISMA_SCHEMA_ENGINE_BINARY. For development only: the service applies migrations by itself.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const args = process.argv.slice(2);
const valuesOf = (option) => args.flatMap((arg, i) => (arg === option ? [args[i + 1]] : []));
const url = JSON.parse(valuesOf('--datasource')[0] ?? '{}').url ?? 'postgresql://127.0.0.1:1/none';
const wasmFile = join(
  dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')),
  'schema_engine_bg.wasm',
);

if (args.includes('--version')) {
  const { version } = JSON.parse(readFileSync(join(dirname(wasmFile), 'package.json'), 'utf8'));
  console.log(`schema-engine-wasm ${version}`);
} else if (args.includes('cli')) {
  await runCommand(args.at(-1));
} else {
  serve();
}

/** The one-shot commands with which Prisma looks for, makes and drops the database itself. */
async function runCommand(command) {
  const database = decodeURIComponent(new URL(url).pathname.slice(1));
  const commands = {
    'can-connect-to-database': () => query(url, 'select 1'),
    'create-database': () =>
      query(withDatabase('postgres'), `create database ${pg.escapeIdentifier(database)}`),
    'drop-database': () => query(withDatabase('postgres'), `drop database ${pg.escapeIdentifier(database)}`),
  };
  try {
    if (commands[command] === undefined) throw new Error(`not supported: ${args.join(' ')}`);
    await commands[command]();
    log('INFO', 'ok');
  } catch (error) {
    const codes = { '3D000': 'P1003', '28P01': 'P1000' };
    log('ERROR', error.message, { error_code: codes[error.code] ?? 'P1001', is_panic: false });
    process.exitCode = 1;
  }
}

function serve() {
  loadEngine();
  const models = valuesOf('--datamodels').map((file) => [file, readFileSync(file, 'utf8')]);
  const factory = bindMigrationAwareSqlAdapterFactory(createFactory(url));
  // One engine per call: it loses its way to shadow databases after it has applied migrations.
  const createEngine = () =>
    bindings.SchemaEngine.new({ datamodels: models.length > 0 ? models : undefined }, () => {}, factory);

  const lines = createInterface({ input: process.stdin });
  let queue = Promise.resolve();
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    const request = JSON.parse(line);
    // Without a method it is the answer to something we sent.
    if (request.method) queue = queue.then(() => answer(request, createEngine));
  });
  lines.on('close', () => void queue.finally(() => process.exit(0)));
}

async function answer({ id, method, params }, createEngine) {
  try {
    send({ id, result: await call(await createEngine(), method, params) });
  } catch (error) {
    send({
      id,
      error: {
        code: 4466,
        message: 'An error happened. Check the data field for details.',
        data: describe(error),
      },
    });
  }
}

async function call(engine, method, params) {
  if (method === 'getDatabaseVersion') return engine.version(null);
  if (typeof engine[method] !== 'function') throw new Error(`the WASM schema engine has no method ${method}`);
  // These two compare with a shadow database, which this engine connects to only in devDiagnostic.
  if (method === 'evaluateDataLoss' || method === 'createMigration') {
    await engine.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters });
  }
  const result = (await engine[method](params)) ?? {};
  if (method !== 'diff' || result.stdout == null) return result;
  // The native engine asks the CLI to print the difference; this one returns it.
  send({ id: randomUUID(), method: 'print', params: { content: result.stdout } });
  return { exitCode: result.exitCode, stdout: null };
}

/** Known errors come as JSON in the message, with a code for the CLI. */
function describe(error) {
  const message = String(error?.message ?? error);
  try {
    return { is_panic: false, ...JSON.parse(message) };
  } catch {
    return { is_panic: false, message, ...(error?.code === undefined ? {} : { error_code: error.code }) };
  }
}

function loadEngine() {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasmFile)), {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(exports);
  exports.__wbindgen_start?.();
  globalThis.PRISMA_WASM_PANIC_REGISTRY ??= {
    set_message: (message) => log('ERROR', message, { is_panic: true }),
  };
}

function createFactory(connectionString) {
  const factory = new PrismaPg({ connectionString });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => mend(await connect());
  // adapter-pg drops the shadow database while it is still connected to it, which fails and leaves it behind.
  factory.connectToShadowDb = async () => {
    const database = `prisma_migrate_shadow_db_${randomUUID()}`;
    await query(url, `create database "${database}"`);
    const shadow = await createFactory(withDatabase(database)).connect();
    const disconnect = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await disconnect();
      await query(url, `drop database "${database}" with (force)`);
    };
    return shadow;
  };
  return factory;
}

/**
 * Two gaps of adapter-pg 7.10 that matter to migrations only: it does not know the type "char" of the system catalogue,
 * and it cuts a script at every semicolon, those inside function bodies too.
 */
function mend(adapter) {
  const CHAR = 18;
  const BPCHAR = 1042;
  adapter.queryRaw = async (request) => {
    const charColumns = [];
    const reader = Object.create(adapter, {
      performIO: {
        value: async (inner) => {
          const result = await adapter.performIO(inner);
          for (const [i, field] of result.fields.entries()) {
            if (field.dataTypeID !== CHAR) continue;
            field.dataTypeID = BPCHAR;
            charColumns.push(i);
          }
          return result;
        },
      },
    });
    const result = await Object.getPrototypeOf(adapter).queryRaw.call(reader, request);
    for (const i of charColumns) result.columnTypes[i] = ColumnTypeEnum.Character;
    return result;
  };
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      adapter.onError(error);
    }
  };
  return adapter;
}

async function query(connectionString, text) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function withDatabase(name) {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function log(level, message, fields = {}) {
  const line = { timestamp: new Date().toISOString(), level, fields: { message, ...fields } };
  process.stderr.write(`${JSON.stringify({ ...line, target: 'schema_engine::logger' })}\n`);
}
