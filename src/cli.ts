#!/usr/bin/env node
import { runCli } from './adapters/cli/run-cli';
import { createPiscinaRunner } from './adapters/workers/piscina-runner';
import { readConfig } from './config';

// The exit code is set, not forced: what is still to be written to a pipe is written first.
void runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  showsProgress: process.stderr.isTTY === true && !readConfig().dumbTerminal,
  createRunner: createPiscinaRunner,
}).then((code) => {
  process.exitCode = code;
});
