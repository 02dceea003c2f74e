// The parts of docs/accuracy.md that need data which is not shipped.
import {
  calibratedPairCoverage,
  calibratedRunCoverage,
  coverageByGroup,
  coverageTable,
  leaveOneOut,
  nativeErrorFault,
  observationsOf,
} from './coverage.mjs';
import { calibratedPairs, pairTable } from './pairs.mjs';
import { beforeAndAfter, errorAgainstLoad, predictedAgainstMeasured } from './plots.mjs';
import { publishedTable } from './published.mjs';
import { badList, groupTables, stageTable, summaryTable, tailText } from './stage-report.mjs';
import { errorsOf, loadStages, predict } from './stages.mjs';
import { calibrateRun, errorsOfMeans, loadRuns } from './telemetry.mjs';
import { telemetryTable } from './telemetry-report.mjs';

/** Texts by part, plots by file, and what is wrong with the source. `tell` gets the progress. */
export function measuredParts(folder, tell) {
  tell('measured stages');
  const stages = loadStages(folder).map((stage) => {
    const predicted = predict(stage);
    return { ...stage, predicted, errors: errorsOf(predicted, stage) };
  });
  tell('stages calibrated on the lower rate');
  const pairs = calibratedPairs(stages);
  tell('telemetry, calibrated on its first third');
  const runs = loadRuns(folder);
  const results = runs.map((run) => ({ name: run.name, calibration: calibrateRun(run, 1 / 3) }));
  tell('coverage of intervals');
  const native = leaveOneOut(observationsOf(stages, runs));
  const coverage = { native, runs: calibratedRunCoverage(runs), pairs: calibratedPairCoverage(pairs) };
  const pro = runs.findIndex(({ name }) => name === 'RTX PRO 6000');
  const fault = nativeErrorFault(native);
  return {
    parts: {
      summary: summaryTable(stages),
      groups: groupTables(stages),
      stages: stageTable(stages),
      bad: badList(
        stages,
        native.known.map(({ factors }) => factors),
      ),
      tail: tailText(stages),
      pairs: pairTable(pairs),
      telemetry: telemetryTable(results),
      coverage: `${coverageTable(coverage)}\n\n${coverageByGroup(native)}`,
      published: publishedTable({
        stages,
        errorsOfRun: errorsOfMeans(runs[pro]),
        calibrated: results[pro].calibration,
      }),
    },
    plots: {
      'predicted-measured.svg': predictedAgainstMeasured(stages),
      'error-load.svg': errorAgainstLoad(stages),
      'calibration.svg': beforeAndAfter(results),
    },
    faults: fault === null ? [] : [fault],
  };
}
