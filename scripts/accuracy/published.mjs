// What other tools publish of their errors, each with where it says so.
import { meanOf, medianOf, percent, signed, table } from './figures.mjs';

const PUBLISHED = [
  {
    tool: 'BLIS (inference-sim), "evolved"',
    measured: 'vLLM 0.15.1, 38 experiments, 6 models, H100, A100, L40S',
    error: 'mean absolute: e2e 11.8%, TTFT 22.8%; medians: e2e 7.4%, TTFT 12.6%, ITL 9.8%',
    source: '[inference-sim, pull request 944](https://github.com/inference-sim/inference-sim/pull/944)',
  },
  {
    tool: 'Vidur',
    measured: 'its own runs, several models and traces',
    error: 'latency within 9%',
    source: '[arXiv 2405.05465](https://arxiv.org/abs/2405.05465)',
  },
  {
    tool: 'Vidur, run by the authors of BLIS',
    measured: 'vLLM 0.15.1, 4 of the experiments above',
    error: 'e2e 619% (median)',
    source: '[inference-sim, pull request 944](https://github.com/inference-sim/inference-sim/pull/944)',
  },
  {
    tool: 'LLMServingSim',
    measured: 'vLLM 0.19.0, the RTX PRO 6000 run above (300 requests, Llama 3.1 8B)',
    error:
      'of the means, in two versions of its page: TTFT −2.8%, −0.3%; TPOT −0.3%, +0.7%; e2e −1.0%, +0.4%',
    source: '[llmservingsim.ai](https://llmservingsim.ai/docs/validation)',
  },
  {
    tool: 'LLMServingSim 2.0',
    measured: 'its own GPU runs',
    error: '1.9% (one figure for all)',
    source: '[arXiv 2511.07229](https://arxiv.org/abs/2511.07229)',
  },
  {
    tool: 'LLM-Emu (needs vLLM itself, in real time)',
    measured: 'vLLM on two GPUs, four model variants, ShareGPT',
    error: 'at most: TPOT and ITL 4.8%, e2e 5.3%, TTFT 10.4%',
    source: '[arXiv 2605.00616](https://arxiv.org/abs/2605.00616)',
  },
];

export function publishedTable({ stages, errorsOfRun, calibrated }) {
  const mean = (metric) => percent(meanOf(stages.map(({ errors }) => Math.abs(errors[metric]))));
  const median = (metric) => percent(medianOf(stages.map(({ errors }) => Math.abs(errors[metric]))));
  const after = (metric) => signed(calibrated.errorAfter.find((e) => e.metric === metric).ofMean);
  const runs = ['ttft', 'tpot', 'e2e'].map((metric) => [metric, signed(errorsOfRun[metric]), after(metric)]);
  const names = { ttft: 'TTFT', tpot: 'TPOT', e2e: 'e2e' };
  const ours = [
    [
      '**ours**, uncalibrated',
      `vLLM 0.15.1, the ${stages.length} stages above, 4 models, H100`,
      `mean absolute: e2e ${mean('e2e')}, TTFT ${mean('ttft')}; medians: e2e ${median('e2e')}, TTFT ${median('ttft')}, TPOT ${median('tpot')}`,
      'this page',
    ],
    [
      '**ours**, uncalibrated',
      'vLLM 0.19.0, the RTX PRO 6000 run above',
      `of the means: ${runs.map(([metric, before]) => `${names[metric]} ${before}`).join('; ')}`,
      'this page',
    ],
    [
      '**ours**, calibrated on the first third',
      'the rest of that run',
      `of the means: ${runs.map(([metric, , afterwards]) => `${names[metric]} ${afterwards}`).join('; ')}`,
      'this page',
    ],
  ];
  const rows = PUBLISHED.map(({ tool, measured, error, source }) => [tool, measured, error, source]);
  return table(['tool', 'measured on', 'error', 'source'], [...ours, ...rows], 4);
}
