// The four plots of docs/accuracy.md.
import { medianOf, percent, signed } from './figures.mjs';
import { MODEL_NAMES } from './stage-report.mjs';
import { bar, legend, line, mark, PALETTE, panel, svg, text } from './svg.mjs';

const MODELS = Object.keys(MODEL_NAMES);
const PANELS = [
  ['e2e', 'e2e latency', [1500, 6500], [2000, 3000, 4000, 6000]],
  ['tpot', 'TPOT', [6, 26], [7, 10, 15, 20]],
  ['ttft', 'TTFT', [20, 150], [25, 50, 100]],
];

export function predictedAgainstMeasured(stages) {
  const parts = PANELS.map(([metric, name, range, values], i) => {
    const axis = (label) => ({
      range,
      log: true,
      ticks: values.map((value) => [value, String(value)]),
      name: label,
    });
    const {
      px,
      py,
      parts: axes,
    } = panel({
      left: 60 + i * 290,
      top: 30,
      width: 220,
      height: 220,
      x: axis('measured, ms'),
      y: axis('predicted, ms'),
      title: name,
    });
    return [
      axes,
      line(px(range[0]), py(range[0]), px(range[1]), py(range[1]), 'axis'),
      stages.map((stage) =>
        mark(px(stage.measured[metric]), py(stage.predicted[metric]), MODELS.indexOf(stage.model)),
      ),
    ];
  });
  return svg({
    width: 880,
    height: 330,
    title: 'Predicted against measured latencies of the H100 stages',
    description: `Means of ${stages.length} stages on logarithmic axes, by model; on the diagonal a prediction is right. Median absolute errors: ${PANELS.map(([metric, name]) => `${name} ${percent(medianOf(stages.map(({ errors }) => Math.abs(errors[metric]))))}`).join(', ')}.`,
    parts: [parts, legend(Object.values(MODEL_NAMES), 200, 318, 140)],
  });
}

export function errorAgainstLoad(stages) {
  const { px, py, parts } = panel({
    left: 70,
    top: 30,
    width: 560,
    height: 240,
    x: {
      range: [0, 1],
      ticks: [0, 0.25, 0.5, 0.75, 1].map((load) => [load, percent(load, 0)]),
      name: 'load: share of batch limit or KV cache in use',
    },
    y: {
      range: [-0.15, 0.15],
      ticks: [-0.1, -0.05, 0, 0.05, 0.1].map((error) => [error, percent(error, 0)]),
      name: 'error of e2e mean',
    },
    title: 'Predicted ÷ measured − 1',
  });
  return svg({
    width: 660,
    height: 350,
    title: 'Error of the mean latency against load',
    description: `By model. ${stages.map((stage) => `${MODEL_NAMES[stage.model]} at ${percent(stage.load, 0)}: ${signed(stage.errors.e2e)}`).join('; ')}.`,
    parts: [
      parts,
      line(px(0), py(0), px(1), py(0), 'axis'),
      stages.map((stage) => mark(px(stage.load), py(stage.errors.e2e), MODELS.indexOf(stage.model))),
      legend(Object.values(MODEL_NAMES), 90, 338, 140),
    ],
  });
}

/** Bars beside each other, two a group. `rows`: name and the two values. */
function bars({ rows, most, step, names, title, description, label }) {
  const [left, top, height] = [60, 30, 220];
  const width = rows.length * 62;
  const ticks = [];
  for (let value = 0; value <= most + 1e-9; value += step) ticks.push([value, percent(value, 0)]);
  const { py, parts } = panel({
    left,
    top,
    width,
    height,
    x: { range: [0, 1], ticks: [], name: '' },
    y: { range: [0, most], ticks, name: label },
    title: '',
  });
  const drawn = rows.map(([name, ...values], i) => {
    const x = left + i * 62;
    return [
      values.map((value, j) => {
        const shown = Math.min(value, most);
        return [
          bar(x + 8 + j * 24, py(shown), 22, top + height - py(shown), PALETTE[j]),
          text(
            x + 19 + j * 24,
            py(shown) - 3,
            percent(value, value < 0.1 ? 1 : 0),
            'middle',
            ' class="small"',
          ),
        ];
      }),
      name.split(' | ').map((words, j) => text(x + 31, top + height + 14 + 13 * j, words)),
    ];
  });
  const key = names.map((name, j) => [
    bar(left + j * 110, top + height + 60, 10, 10, PALETTE[j]),
    text(left + 15 + j * 110, top + height + 69, name, 'start'),
  ]);
  return svg({
    width: left + width + 20,
    height: top + height + 80,
    title,
    description,
    parts: [parts, drawn, key],
  });
}

export function beforeAndAfter(results) {
  const NAMES = { ttft: 'TTFT', tpot: 'TPOT', e2e: 'e2e' };
  const rows = results.flatMap(({ name, calibration: { errorBefore, errorAfter } }) =>
    errorBefore.map((before, i) => [
      `${NAMES[before.metric]} | ${name.replace('RTX ', '')}`,
      before.medianAbsolute,
      errorAfter[i].medianAbsolute,
    ]),
  );
  return bars({
    rows,
    most: 0.16,
    step: 0.04,
    names: ['before', 'after'],
    label: 'median absolute error',
    title: 'Errors before and after calibration on RTX 4090 and RTX PRO 6000',
    description: rows
      .map(
        ([name, before, after]) =>
          `${name.replace(' | ', ' ')}: ${percent(before)} before, ${percent(after)} after`,
      )
      .join('. '),
  });
}

export function transferErrors({ groups }) {
  const wanted = groups.filter(({ label, decode }) => label.startsWith('tp ') || decode.pairs >= 24);
  const rows = wanted.map(({ label, decode }) => [
    label
      .replace('a100-80gb', 'A100')
      .replace('h100-sxm', 'H100')
      .replace('h200', 'H200')
      .replace('l40s', 'L40S')
      .replace(' → ', ' → | '),
    decode.medianAbs,
    decode.p90Abs,
  ]);
  return bars({
    rows,
    most: 0.6,
    step: 0.1,
    names: ['median', 'p90'],
    label: 'error of decode times',
    title: 'Errors of decode times scaled from another degree or GPU',
    description: `Transfers with at least 24 pairs. ${rows
      .map(
        ([name, median, p90]) => `${name.replace('| ', '')}: median ${percent(median)}, p90 ${percent(p90)}`,
      )
      .join('. ')}. Bars end at 60%.`,
  });
}
