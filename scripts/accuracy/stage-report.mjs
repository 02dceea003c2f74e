// What is written of the measured stages: every stage, medians by model and load, the tail, and where we are bad.
import { groupBy, medianOf, milliseconds, percent, signed, table } from './figures.mjs';
import { MEANS, METRICS } from './stages.mjs';

const HEADS = ['e2e mean', 'TPOT mean', 'TTFT mean', 'e2e p99'];
const NAMES = { e2e: 'e2e', tpot: 'TPOT', ttft: 'TTFT', p99: 'e2e p99' };
export const MODEL_NAMES = {
  'llama-2-7b': 'Llama 2 7B',
  'llama-2-70b': 'Llama 2 70B',
  'codellama-34b': 'CodeLlama 34B',
  'mixtral-8x7b': 'Mixtral 8x7B',
};
/** A stage that is further off than this in any figure is named. */
const BAD = 0.1;
const LOADS = [
  ['below 25%', 0, 0.25],
  ['25 to 50%', 0.25, 0.5],
  ['above 50%', 0.5, Number.POSITIVE_INFINITY],
];

const absolute = (stages, metric) => stages.map(({ errors }) => Math.abs(errors[metric]));
const medians = (stages) => METRICS.map((metric) => percent(medianOf(absolute(stages, metric))));

export function summaryTable(stages) {
  const worst = METRICS.map((metric) =>
    signed(stages.map(({ errors }) => errors[metric]).sort((a, b) => Math.abs(b) - Math.abs(a))[0]),
  );
  return table(
    [`${stages.length} stages, uncalibrated`, ...HEADS],
    [
      ['median absolute error', ...medians(stages)],
      ['worst stage', ...worst],
    ],
  );
}

export function groupTables(stages) {
  const byModel = groupBy(stages, ({ model }) => model).map(([model, members]) => [
    MODEL_NAMES[model],
    members.length,
    ...medians(members),
  ]);
  const byLoad = LOADS.map(([name, from, to]) => {
    const members = stages.filter(({ load }) => load >= from && load < to);
    return [`load ${name}`, members.length, ...medians(members)];
  });
  return table(['median absolute error', 'stages', ...HEADS], [...byModel, ...byLoad]);
}

export function stageTable(stages) {
  const cell = (stage, metric) =>
    `${milliseconds(stage.measured[metric])} → ${milliseconds(stage.predicted[metric])} (${signed(stage.errors[metric])})`;
  return table(
    ['measured → predicted', 'tp', 'req/s', 'load', ...HEADS],
    stages.map((stage) => [
      `${MODEL_NAMES[stage.model]}, ${stage.workload}`,
      stage.tensorParallel,
      stage.rateQps,
      percent(stage.load, 0),
      ...METRICS.map((metric) => cell(stage, metric)),
    ]),
  );
}

/** `factors`: of each stage, on step times, that would have made its predicted means right. */
export function badList(stages, factors) {
  return stages
    .map((stage, i) => ({
      stage,
      bad: METRICS.filter((metric) => Math.abs(stage.errors[metric]) > BAD),
      factors: factors[i],
    }))
    .filter(({ bad }) => bad.length > 0)
    .map(({ stage, bad, factors: of }) => {
      const errors = bad.map((metric) => {
        const at = MEANS.indexOf(metric);
        const right = at < 0 ? '' : ` (right with steps ${signed(of[at] - 1)})`;
        return `${NAMES[metric]} ${signed(stage.errors[metric])}${right}`;
      });
      return `- ${nameOf(stage)}: ${errors.join(', ')}`;
    })
    .join('\n');
}

const nameOf = (stage) =>
  `${MODEL_NAMES[stage.model]}, ${stage.workload}, tp ${stage.tensorParallel}, ${stage.rateQps}/s (load ${percent(stage.load, 0)})`;

/** Why the p99 is worse than the rest: the first stages of tensor-parallel servers against all others. */
export function tailText(stages) {
  const cold = stages.filter(({ tensorParallel, number }) => tensorParallel > 1 && number === 0);
  const others = stages.filter((stage) => !cold.includes(stage));
  const p99 = (list) => percent(medianOf(absolute(list, 'p99')));
  const followed = cold.flatMap((stage) => {
    const next = stages.find(({ run, number }) => run === stage.run && number === 1);
    return next === undefined ? [] : [[stage, next]];
  });
  const faster = followed.filter(([stage, next]) => next.measured.p99 < stage.measured.p99);
  const range = (list, of) => [Math.min(...list.map(of)), Math.max(...list.map(of))];
  const [longest, most] = range(cold, ({ slowest }) => slowest.ttftMs);
  const [, usual] = range(cold, ({ slowest }) => slowest.ttftP95Ms);
  const [, spread] = range(cold, ({ slowest }) => slowest.e2eP95Ms / slowest.e2eP50Ms - 1);
  const [least, tail] = range(cold, ({ measured, slowest }) => measured.p99 / slowest.e2eP50Ms - 1);
  return [
    `- First stages of tensor-parallel servers (${cold.length}): median absolute error of the e2e p99 ${p99(cold)}. All other stages (${others.length}): ${p99(others)}.`,
    `- In those ${cold.length}, the measured e2e p95 is at most ${percent(spread)} above the median, the p99 ${percent(least, 0)} to ${percent(tail, 0)}: a few requests in a hundred were held up. 95% of their TTFTs are below ${milliseconds(usual)}, the longest are ${milliseconds(longest)} to ${milliseconds(most)}.`,
    `- Load does not explain it: in ${faster.length} of ${followed.length} such runs with a second stage, at twice the rate or more, the measured p99 of the second is the lower one.`,
  ].join('\n');
}
