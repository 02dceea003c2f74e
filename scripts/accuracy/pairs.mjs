// Calibrated on the lower-rate stage of a run, judged on its higher-rate stage.
import { groupBy, medianOf, percent, signed, table } from './figures.mjs';
import { product } from './product.mjs';
import { MODEL_NAMES } from './stage-report.mjs';
import { errorsOf, MEANS, predict } from './stages.mjs';

const { calibrate } = product('core/calibration/calibrate');

export function calibratedPairs(stages) {
  return groupBy(stages, ({ run }) => run)
    .filter(([, members]) => members.length === 2)
    .map(([, [lower, higher]]) => {
      const telemetry = { name: lower.run, requests: null, iterations: null, summary: lower.summary };
      const { parameters } = calibrate({ sets: [{ served: lower.served, telemetry }], fitShare: 1 });
      const predicted = predict(higher, { parameters });
      return { lower, higher, parameters, predicted, errors: errorsOf(predicted, higher) };
    });
}

export function pairTable(pairs) {
  const rows = pairs.map(({ lower, higher, errors }) => [
    `${MODEL_NAMES[higher.model]}, ${higher.workload}, tp ${higher.tensorParallel}`,
    `${lower.rateQps} → ${higher.rateQps}`,
    ...MEANS.map((metric) => `${signed(higher.errors[metric])} → ${signed(errors[metric])}`),
  ]);
  const medians = MEANS.map((metric) => {
    const median = (of) => percent(medianOf(pairs.map((pair) => Math.abs(of(pair)[metric]))));
    return `${median(({ higher }) => higher.errors)} → ${median(({ errors }) => errors)}`;
  });
  return table(
    ['higher-rate stage, uncalibrated → calibrated', 'req/s', 'e2e mean', 'TPOT mean', 'TTFT mean'],
    [...rows, ['**median absolute error**', '', ...medians]],
  );
}
