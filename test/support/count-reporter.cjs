const { writeSync } = require('node:fs');

/**
 * Prints one line a script can read, `N passed, N failed`, after everything else jest prints. It waits for the
 * exit because jest always puts its own summary behind the reporters of the configuration.
 */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    // A suite that failed to run has no tests to count: it is one failure, not zero.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.once('exit', () => writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`));
  }
};
