import { evidenceOf } from '../../src/core/calibration/observations';
import {
  type CalibrationParameters,
  PARAMETER_NAMES,
  uncalibrated,
} from '../../src/core/calibration/parameters';
import { priorsOf } from '../../src/core/calibration/priors';
import { fitRobustly } from '../../src/core/calibration/robust-fit';
import { servedDeployment } from '../support/synthetic-telemetry';

// A replay of thousands of requests takes long, and the fit makes hundreds. These latencies of a server whose queue is
// always empty have a formula; a wave of 0.2% stands for the jumps that a replay makes with every change.
const OUTPUT_TOKENS = 250;
function latenciesOf(p: CalibrationParameters): { ttft: number; tpot: number; e2e: number } {
  const ttft = p.requestMs + p.stepMs + 30 * p.denseFactor + 4 * p.prefillAttentionFactor;
  const tpot = p.stepMs + 6 * p.denseFactor + 1.5 * p.decodeAttentionFactor;
  const jump = (phase: number) => 1 + 0.002 * Math.sin(1e4 * (p.stepMs + p.denseFactor) + phase);
  return { ttft: ttft * jump(1), tpot: tpot * jump(2), e2e: (ttft + (OUTPUT_TOKENS - 1) * tpot) * jump(3) };
}

test('figures of a whole run that are off by 0.3%, like replays, leave the parameters where they are', () => {
  const served = servedDeployment();
  const before = uncalibrated(served.overhead);
  const seen = latenciesOf(before);
  const off = (ms: number) => ({ meanMs: ms * 1.003, p50Ms: ms * 0.997, p90Ms: ms * 1.003, p99Ms: null });
  const summary = {
    rateQps: 0.1,
    requests: 4800,
    meanPromptTokens: 600,
    meanOutputTokens: OUTPUT_TOKENS,
    meanCachedPromptTokens: 0,
    ttft: off(seen.ttft),
    tpot: { ...off(seen.tpot), p50Ms: null, p90Ms: null },
    e2e: off(seen.e2e),
  };
  const deployment = {
    profile: null,
    modelId: served.model.id,
    deployment: served.deployment,
    engineVersion: 'vllm 0.15.1',
  };
  const [evidence] = evidenceOf(served, {
    name: 'bench',
    deployment,
    requests: null,
    iterations: null,
    summary,
  });
  const predictTypicalMs = (parameters: CalibrationParameters) => {
    const latencies = latenciesOf(parameters);
    return Float64Array.from(evidence!.metric, (metric) => latencies[metric as 'ttft' | 'tpot' | 'e2e']);
  };
  const { parameters } = fitRobustly(
    [{ evidence: { ...evidence!, predictTypicalMs }, indices: [...evidence!.metric.keys()] }],
    priorsOf(served.overhead),
  );
  for (const name of PARAMETER_NAMES)
    expect(Math.abs(parameters[name] / before[name] - 1)).toBeLessThan(0.05);
});
