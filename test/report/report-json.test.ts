import { reportJson } from '../../src/core/report/report-json';
import { CONTEXT, feasiblePlan, noTargetsPlan, nothingFitsPlan, partialPlan } from '../support/plan-fixture';

test('has every field of the spec, in its nesting', () => {
  const json = reportJson(feasiblePlan(), CONTEXT);
  expect(json).toMatchObject({
    timestamp: expect.any(String),
    input_profile: expect.any(String),
    best_configuration: {
      gpu_type: 'a100-80gb',
      num_gpus_per_replica: 1,
      tensor_parallel: 1,
      pipeline_parallel: 1,
      num_replicas: 2,
      total_gpus: 2,
      scheduler: 'vllm',
      max_batch_size: 128,
      performance: {
        max_sustainable_qps: 43.72,
        p50_latency_ms: 7654.3,
        p95_latency_ms: 8919.6,
        p99_latency_ms: 9571.4,
        p95_ttft_ms: 518.94,
        p99_tbt_ms: 145.33,
        mean_mfu: 0.2371,
        mean_memory_util: 0.6734,
      },
      cost: { cost_per_hour: 6.8624, cost_per_1k_requests: 0.0436007, qps_per_dollar: 6.3709 },
      slo_compliance: { meets_all_slos: true, ttft_slo_met: true, tbt_slo_met: true, latency_slo_met: true },
    },
    summary: {
      num_configs_evaluated: 11,
      num_configs_meeting_slos: 5,
      total_simulation_time_s: 12.3,
      recommendation: expect.stringMatching(/^Use a100-80gb \(x2\) with the vLLM scheduler/),
    },
  });
  expect(json.pareto_frontier[0]).toMatchObject({
    config_id: 1,
    max_qps: 10.4,
    cost_per_hour: 4.024,
    qps_per_dollar: 2.5845,
    gpu_type: 'a10g',
    total_gpus: 4,
  });
  expect(Object.keys(json.all_candidates[0] ?? {})).toEqual(
    expect.arrayContaining([
      'config',
      'max_qps',
      'cost_per_hour',
      'qps_per_dollar',
      'metrics',
      'slo_compliance',
    ]),
  );
});

test('a failed, refused or unreached candidate has null flags, one that misses a target false', () => {
  const flagsOf = (status: string) =>
    reportJson(feasiblePlan(), CONTEXT).all_candidates.find((c) => c.status === status)?.slo_compliance;
  for (const status of ['FAILED', 'INVALID', 'DOES_NOT_FIT', 'OVER_BUDGET']) {
    expect(Object.values(flagsOf(status) ?? {})).toEqual([null, null, null, null, null]);
  }
  expect(flagsOf('INFEASIBLE')).toEqual({
    meets_all_slos: false,
    ttft_slo_met: false,
    tbt_slo_met: true,
    tpot_slo_met: null,
    latency_slo_met: true,
  });
  expect(flagsOf('BELOW_MIN_QPS')).toMatchObject({ meets_all_slos: false, ttft_slo_met: true });
});

test('without targets nothing is claimed to be met', () => {
  const best = reportJson(noTargetsPlan(), CONTEXT).best_configuration;
  expect(new Set(Object.values(best?.slo_compliance ?? {}))).toEqual(new Set([null]));
});

test('when nothing fits, best_configuration is null and advice is given', () => {
  const json = reportJson(nothingFitsPlan(), CONTEXT);
  expect(json).toMatchObject({
    best_configuration: null,
    outcome: 'nothing_fits',
    summary: { num_configs_meeting_slos: 0 },
  });
  expect(json.advice.length).toBeGreaterThan(3);
});

test('an interrupted plan says so', () => {
  const json = reportJson(partialPlan(), CONTEXT);
  expect(json.partial).toBe(true);
  expect(json.summary).toMatchObject({ num_configs: 12, num_configs_evaluated: 3 });
  expect(json.warnings[0]).toMatch(/^PARTIAL/);
});
