import { Command, CommanderError } from 'commander';
import { packageVersion } from '../../app/package-version';
import { InputError } from '../../core/errors';
import { addCalibrateCommand } from './calibrate-command';
import { addCatalogCommand } from './catalog-command';
import { type CliContext, EXIT, EXIT_CODES_HELP } from './cli-context';
import { addObserveCommand } from './observe-command';
import { addPlanCommand } from './plan-command';
import { addProfilesCommand } from './profiles-command';
import { addServiceCommands } from './service-commands';
import { addSimulateCommand } from './simulate-command';

/** Runs one command line and resolves with its exit code. Never rejects. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  // `simfaasinfer … | head` closes the pipe early: the files asked for are to be written all the same.
  for (const stream of [context.stdout, context.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      // Nothing can be printed any more, and the report was asked for: say so where it may still be read, and stop.
      if (stream !== context.stderr)
        context.stderr.write(`error: standard output cannot be written: ${error.message}\n`);
      process.exit(EXIT.wrongInput);
    });
  }
  let code: number = EXIT.ok;
  const program = createProgram(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongInput;
    // Of the service: the database cannot be had, or cannot be brought to this version.
    if (error instanceof InputError || isTold(error)) {
      context.stderr.write(`error: ${error.message}\n`);
      return EXIT.wrongInput;
    }
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    context.stderr.write(`error: internal error, please report it: ${details}\n`);
    return EXIT.internalError;
  }
}

/** Errors of the database's set-up that say in one line what to do. */
const isTold = (error: unknown): error is Error =>
  error instanceof Error && (error.name === 'EmbeddedPostgresError' || error.name === 'MigrationError');

/** Each command does its work and hands its exit code to `finish`. */
function createProgram(context: CliContext, finish: (code: number) => void): Command {
  const program = new Command('simfaasinfer')
    .description(
      'Capacity planner for LLM serving: which GPUs, how many, how arranged, at what cost, and how sure.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer plan --request examples/capacity_planning_request.yaml
  $ simfaasinfer simulate --deployment examples/simulate-azure.yaml --output results/metrics.json
  $ simfaasinfer profiles list --model llama-3.1-8b
  $ simfaasinfer plan --help
${EXIT_CODES_HELP}`,
    );
  addPlanCommand(program, context, finish);
  addSimulateCommand(program, context);
  addCalibrateCommand(program, context);
  addObserveCommand(program, context, finish);
  addProfilesCommand(program, context, finish);
  addCatalogCommand(program, context);
  addServiceCommands(program, context);
  hintAtHelp(program, []);
  return program;
}

/** Errors of usage end in a line that names the help of the command they are about. */
function hintAtHelp(command: Command, path: readonly string[]): void {
  const here = [...path, command.name()];
  command.showHelpAfterError(`(see \`${here.join(' ')} --help\`)`);
  for (const sub of command.commands) hintAtHelp(sub, here);
}
