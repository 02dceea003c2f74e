import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROUTES } from '../../src/adapters/http/routes';
import { readServerConfig } from '../../src/config';
import { SERVER_VARIABLES } from '../../src/formats/server-variables';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface ComposeService {
  readonly image: string;
  readonly environment: Record<string, string>;
  readonly command?: string[];
  readonly ports?: string[];
  readonly healthcheck?: { readonly test: string[] };
  readonly stop_grace_period: string;
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly deploy?: { readonly replicas: number };
}

const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<'database' | 'server' | 'worker', ComposeService>;
};

/** As compose hands it over, with a password in the place of its variable. */
const environmentOf = ({ environment }: ComposeService): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(/\$\{POSTGRES_PASSWORD:\?[^}]*\}/, 'p4ssw0rd'),
    ]),
  );

test.each(['server', 'worker'] as const)(
  'every variable of the %s in docker-compose.yml exists and is allowed',
  (name) => {
    const environment = environmentOf(services[name]);
    const known: string[] = Object.values(SERVER_VARIABLES).map((variable) => variable.name);
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
    const config = readServerConfig(environment);
    expect(config).toMatchObject({ host: '0.0.0.0', open: false, production: true, introspection: false });
    const url = new URL(config.databaseUrl ?? '');
    const database = environmentOf(services.database);
    expect([url.hostname, url.username, url.password, url.pathname]).toEqual([
      'database',
      database.POSTGRES_USER,
      database.POSTGRES_PASSWORD,
      `/${database.POSTGRES_DB}`,
    ]);
    expect(Number.parseInt(services[name].stop_grace_period, 10)).toBeGreaterThan(2 * config.shutdownGraceS);
    expect(services[name].depends_on).toEqual({ database: { condition: 'service_healthy' } });
  },
);

test('the ports and paths of docker-compose.yml are those that the programs use', () => {
  const server = readServerConfig(environmentOf(services.server));
  expect(services.server.ports).toEqual([`127.0.0.1:${server.port}:${server.port}`]);
  const worker = readServerConfig(environmentOf(services.worker));
  expect(services.worker.healthcheck?.test.join(' ')).toContain(`:${worker.workerPort}${ROUTES.alive}'`);
  expect(services.worker.deploy?.replicas).toBe(2);
  expect(services.worker.command).toEqual(['node', 'dist/cli.js', 'worker']);
});

test('the Dockerfile copies what exists and sets what is known', () => {
  const lines = read('Dockerfile').split('\n');
  const sources = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));
  expect(sources).toEqual(expect.arrayContaining(['package-lock.json', 'data', 'prisma/migrations']));
  expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  const ignored = read('.dockerignore').split('\n');
  expect(sources.filter((path) => ignored.includes(path.split('/')[0] ?? ''))).toEqual([]);
  const environment = /^ENV (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '';
  const config = readServerConfig(Object.fromEntries(environment.split(' ').map((pair) => pair.split('='))));
  expect([config.production, config.open]).toEqual([true, false]);
  expect(lines).toContain(`EXPOSE ${config.port}`);
  expect(lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))).toContain('USER node');
  expect(read('Dockerfile')).toContain(`|| ${config.port}) + '${ROUTES.alive}'`);
});

test('neither secrets nor data get into an image', () => {
  const ignored = read('.dockerignore').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['.env', '.git', '.data', 'node_modules', 'dist']));
});
