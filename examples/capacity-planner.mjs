// A search space and constraints given as values, and the report saved in two forms.
//   node examples/capacity-planner.mjs
import { CapacityPlanner } from 'simfaasinfer';

const planner = new CapacityPlanner({
  profilePath: 'data/profiles/a100-80gb/llama-2-7b/tp1/kernel-sum-bf16/fitted_profile.json',
});

const configSpace = {
  gpu_types: ['A100', 'H100'],
  num_gpus: [2, 4, 8],
  schedulers: ['vllm', 'sarathi'],
};

const constraints = {
  max_cost_per_hour: 50.0,
  max_ttft_p95_ms: 2000,
  max_tbt_p99_ms: 200,
};

// `await planner.calibrate({ telemetryPath })` belongs here once there is a calibration; until then it rejects.

const results = await planner.search({
  configSpace,
  constraints,
  workloadDesc: { arrival_rate_range: [10, 100] },
});

planner.saveReport(results, 'results/capacity_plan.json');
planner.saveSummary(results, 'results/capacity_plan.txt');
console.log(results.summary.recommendation);
