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
  // Loaded when asked for: it takes half a second that the other commands need not wait.
  service: () =>
    (require('./server') as typeof import('./server', { with: { 'resolution-mode': 'require' }})).serviceRoot,
}).then((code) => {
  process.exitCode = code;
});
