// PostGraphile, to be compared with: installed by itself into .data/bench-tools at exact versions, with the Node it wants.
// It is no dependency of the project, not even of its development.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { root, startProcess } from './processes.mjs';

const nodePackage = `node-${process.platform}-${process.arch}`;
const dependencies = {
  postgraphile: '5.1.5',
  graphql: '16.15.0',
  pg: '8.23.1',
  [nodePackage]: '22.23.3',
};

const folder = join(root, '.data', 'bench-tools');

/** `url` is that of its GraphQL endpoint. */
export async function startPostgraphile(databaseUrl, { core, nodeOptions, note }) {
  install(note);
  const server = startProcess(
    join(folder, 'node_modules', nodePackage, 'bin', 'node'),
    [...nodeOptions, 'server.cjs'],
    {
      cwd: folder,
      env: { DATABASE_URL: databaseUrl, NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
      core,
    },
  );
  let said = '';
  server.child.stderr.on('data', (data) => {
    said += data;
  });
  const endpoint = await new Promise((resolve, reject) => {
    createInterface({ input: server.child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve(`${JSON.parse(line).url}/graphql`);
    });
    server.ended.then(() => reject(new Error(`PostGraphile did not start: ${said}`)));
  });
  return { ...server, endpoint };
}

export const postgraphileVersion = dependencies.postgraphile;

function install(note) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(
    fileURLToPath(new URL('postgraphile-server.cjs', import.meta.url)),
    join(folder, 'server.cjs'),
  );
  const stamp = join(folder, 'installed.json');
  const wanted = JSON.stringify({ private: true, dependencies });
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  note(`installing PostGraphile ${dependencies.postgraphile} into ${folder}`);
  writeFileSync(join(folder, 'package.json'), wanted);
  // Its packages need no install scripts. npm runs on this Node, PostGraphile on the one it wants.
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(stamp, wanted);
}
