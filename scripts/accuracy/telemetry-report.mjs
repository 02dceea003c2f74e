// What is written of the telemetry: errors before and after calibration.
import { percent, table } from './figures.mjs';

const cell = (before, after) => `${percent(before.medianAbsolute)} → ${percent(after.medianAbsolute)}`;

export function telemetryTable(results) {
  const rows = results.map(({ name, calibration: { errorBefore, errorAfter, applied } }) => [
    name,
    ...['ttft', 'tpot', 'e2e'].map((metric) => {
      const of = (errors) => errors.find((error) => error.metric === metric);
      return cell(of(errorBefore), of(errorAfter));
    }),
    applied ? 'yes' : 'no',
  ]);
  return table(['median absolute error, before → after', 'TTFT', 'TPOT', 'e2e', 'applied'], rows);
}
