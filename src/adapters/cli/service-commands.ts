import { type Command, InvalidArgumentError, Option } from 'commander';
import { ROLES, type Role } from '../../app/ports/records';
import type { CliContext } from './cli-context';

const ENVIRONMENT = `
Configured by environment variables; docs/operations.md lists them. Without DATABASE_URL an embedded PostgreSQL keeps
its data in .data/simfaasinfer.`;

/** The service: server, workers, database, keys. */
export function addServiceCommands(program: Command, { stdout, service }: CliContext): void {
  program
    .command('serve')
    .summary('serve the GraphQL API')
    .description('Serves the GraphQL API, and evaluates plans, until it is told to end (SIGTERM, Ctrl-C).')
    .option('--with-example', 'launch the shipped example plan, once', false)
    .addHelpText('after', ENVIRONMENT)
    .action(async ({ withExample }: { withExample: boolean }) => service().serve({ withExample }));
  program
    .command('worker')
    .summary('evaluate plans for a server')
    .description(
      'Evaluates plans of the database until it is told to end. Start as many as you like, anywhere.',
    )
    .addHelpText('after', ENVIRONMENT)
    .action(async () => service().work());
  program
    .command('migrate')
    .summary('bring the database to this version')
    .description('Brings the database to this version, as the server does when it starts.')
    .addHelpText('after', ENVIRONMENT)
    .action(async () => {
      const applied = await service().migrate();
      stdout.write(
        applied.length === 0 ? 'The database is up to date.\n' : `Applied: ${applied.join(', ')}\n`,
      );
    });
  const keys = program.command('keys').description('Makes API keys.');
  keys
    .command('create')
    .description('Makes an API key and prints it. It is shown this once: only its hash is stored.')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices([...ROLES]).default('planner'))
    .option('--workspace <name>', 'workspace it belongs to, made if missing', 'default')
    .option('--expires <date>', 'when it ends, ISO 8601, e.g. 2027-01-31', dateOf)
    .addHelpText('after', '\nExample:\n  $ simfaasinfer keys create --role admin --name operations\n')
    .action(async ({ name, role, workspace, expires }: KeyOptions) => {
      const key = { name, role, workspace, expiresAt: expires ?? null };
      stdout.write(`${await service().createKey(key)}\n`);
    });
}

interface KeyOptions {
  readonly name: string;
  readonly role: Role;
  readonly workspace: string;
  readonly expires?: Date;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('allowed: a date, e.g. 2027-01-31.');
  return date;
}
