// How often 90% intervals hold what was measured, on runs that had no part in them.
import { groupBy, meanOf, medianOf, nextValueBounds, percent, table } from './figures.mjs';
import { product } from './product.mjs';
import { MODEL_NAMES } from './stage-report.mjs';
import { MEANS, METRICS, predict } from './stages.mjs';
import { calibrateRun, LATENCIES, observed, replay, windowMedians } from './telemetry.mjs';

const { errorOfMedian, NATIVE_ERROR } = product('core/uncertainty/time-error');

const Z90 = 1.645;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const ONE_RUN = 1;

/**
 * Everything uncalibrated that was measured. `at(f)`: means with steps f times as long (and, by the rule of
 * src/core/uncertainty/with-time-error.ts, gaps too). `noise`: relative standard deviation between runs of as many requests.
 */
export const observationsOf = (stages, runs) => [...stages.map(ofStage), ...runs.map(ofRun)];

function ofStage(stage) {
  const samples = SEEDS.map((seed) => predict(stage, { noise: { seed, leastRequests: ONE_RUN } }));
  const noise = Object.fromEntries(METRICS.map((m) => [m, deviationOf(samples.map((s) => Math.log(s[m])))]));
  const at = remember((factor) => predict(stage, { factor }));
  return { group: MODEL_NAMES[stage.model], measured: stage.measured, at, noise, metrics: METRICS };
}

/** A run replays its own arrivals, so there is no noise of arrivals. */
function ofRun(run) {
  const means = (columns) =>
    Object.fromEntries(
      LATENCIES.map((metric) => [metric, meanOf([...columns[metric]].filter((ms) => ms > 0))]),
    );
  const at = remember((factor) => means(replay(run, { factor })));
  return {
    group: run.name,
    measured: means(observed(run)),
    at,
    noise: { e2e: 0, tpot: 0, ttft: 0 },
    metrics: LATENCIES,
  };
}

function remember(of) {
  const known = new Map();
  return (key) => {
    if (!known.has(key)) known.set(key, of(key));
    return known.get(key);
  };
}

function deviationOf(values) {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** The factors of step times that would have made the predicted means the measured ones. */
function impliedFactors({ at, measured }) {
  return MEANS.map((metric) => {
    let [low, high] = [0.5, 2];
    for (let i = 0; i < 11; i++) {
      const middle = Math.sqrt(low * high);
      if (at(middle)[metric] < measured[metric]) low = middle;
      else high = middle;
    }
    return Math.sqrt(low * high);
  });
}

/** Step-time errors of some runs: where the next run's lies with 90% probability. */
function timeErrorOf(observations) {
  const [low, high] = nextValueBounds(observations.flatMap(({ factors }) => factors));
  return { lowRatio: Math.min(1, low), highRatio: Math.max(1, high) };
}

/** Whether the interval of each latency holds the measured one. */
function judge({ at, measured, noise, metrics }, { lowRatio, highRatio }) {
  const middle = at(1);
  return metrics.map((metric) => {
    const sampling = Z90 * noise[metric];
    const end = (of, sign) =>
      middle[metric] * Math.exp(sign * Math.hypot(Math.log(of[metric] / middle[metric]), sampling));
    const inside = measured[metric] >= end(at(lowRatio), -1) && measured[metric] <= end(at(highRatio), 1);
    return { metric, inside };
  });
}

/** Each model, or GPU, judged by an interval that the others made. */
export function leaveOneOut(observations) {
  const known = observations.map((o) => ({ ...o, factors: impliedFactors(o) }));
  const judged = groupBy(known, ({ group }) => group).flatMap(([group, own]) => {
    const error = timeErrorOf(known.filter((o) => o.group !== group));
    return own.flatMap((o) => judge(o, error).map((result) => ({ group, ...result })));
  });
  return { judged, known, all: timeErrorOf(known), used: NATIVE_ERROR };
}

/** NATIVE_ERROR is what all runs together say, widened to two digits. */
export function nativeErrorFault({ all, used }) {
  const low = Math.floor(all.lowRatio * 100) / 100;
  const high = Math.ceil(all.highRatio * 100) / 100;
  if (used.lowRatio === low && used.highRatio === high) return null;
  return `NATIVE_ERROR in src/core/uncertainty/time-error.ts is ${used.lowRatio} to ${used.highRatio}; the runs say ${low} to ${high}`;
}

/** Telemetry calibrated on its first third; the middle third says how wrong that is; the last third is judged, in stretches. */
export function calibratedRunCoverage(runs) {
  return runs.flatMap((run) => {
    const { parameters } = calibrateRun(run, 1 / 3);
    const count = run.telemetry.requests.arrivedAtS.length;
    const [from, to] = [Math.round(count / 3), Math.round((2 * count) / 3)];
    const seen = observed(run);
    const predicted = replay(run, { parameters });
    const errors = LATENCIES.map((metric) => medianOf(relative(predicted[metric], seen[metric], from, to)));
    const { lowRatio, highRatio } = errorOfMedian(meanOf(errors));
    const ends = [lowRatio, highRatio].map((factor) => replay(run, { parameters, factor }));
    return LATENCIES.flatMap((metric) => {
      const [value, low, high] = [seen, ...ends].map((of) => windowMedians(of[metric], to, STRETCH));
      return value.map((ms, i) => ({ group: run.name, metric, inside: ms >= low[i] && ms <= high[i] }));
    });
  });
}

const STRETCH = 20;

const relative = (ours, theirs, from, to) =>
  [...theirs.slice(from, to)]
    .map((ms, i) => Math.abs(ours[from + i] / ms - 1))
    .filter((error) => Number.isFinite(error));

/** Stages calibrated on the lower rate; how wrong that is, is taken from the pairs of the other models. */
export function calibratedPairCoverage(pairs) {
  return pairs.flatMap(({ higher, parameters, predicted }) => {
    const others = pairs.filter((pair) => pair.higher.model !== higher.model);
    const medians = MEANS.map((metric) => medianOf(others.map(({ errors }) => Math.abs(errors[metric]))));
    const at = (factor) => (factor === 1 ? predicted : predict(higher, { parameters, factor }));
    const samples = SEEDS.map((seed) =>
      predict(higher, { parameters, noise: { seed, leastRequests: ONE_RUN } }),
    );
    const noise = Object.fromEntries(
      MEANS.map((metric) => [metric, deviationOf(samples.map((s) => Math.log(s[metric])))]),
    );
    const results = judge(
      { at, measured: higher.measured, noise, metrics: MEANS },
      errorOfMedian(meanOf(medians)),
    );
    return results.map((result) => ({ group: MODEL_NAMES[higher.model], ...result }));
  });
}

const NAMES = { e2e: 'e2e', tpot: 'TPOT', ttft: 'TTFT' };
const share = (list) => `${list.filter(({ inside }) => inside).length} of ${list.length}`;
const pooled = (list) => percent(list.filter(({ inside }) => inside).length / list.length);

export function coverageTable({ native, runs, pairs }) {
  const means = native.judged.filter(({ metric }) => metric !== 'p99');
  const classes = [
    ['uncalibrated, another model or GPU', means],
    ['calibrated, later requests of the run', runs],
    ['calibrated, higher-rate stage', pairs],
  ];
  const every = [...means, ...runs, ...pairs];
  const row = (name, list) => [
    name,
    share(list),
    pooled(list),
    ...MEANS.map((metric) => share(list.filter((o) => o.metric === metric))),
  ];
  return table(
    ['held out', 'inside', 'covered', ...MEANS.map((metric) => NAMES[metric])],
    [...classes.map(([name, list]) => row(name, list)), row('**pooled**', every)],
  );
}

export function coverageByGroup({ judged, all }) {
  const rows = groupBy(judged, ({ group }) => group).map(([group, list]) => [
    group,
    ...METRICS.map((metric) => {
      const own = list.filter((o) => o.metric === metric);
      return own.length === 0 ? '–' : share(own);
    }),
  ]);
  const made = table(
    ['uncalibrated, interval made from the others', 'e2e mean', 'TPOT mean', 'TTFT mean', 'e2e p99'],
    rows,
  );
  return `${made}\n\nAll runs together: measured step times lie between ${all.lowRatio.toFixed(3)} and ${all.highRatio.toFixed(3)} times the predicted ones.`;
}
