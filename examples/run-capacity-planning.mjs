// Basic capacity planning from a program: a profile, a workload, a report.
//   node examples/run-capacity-planning.mjs
import { runCapacityPlanning } from 'simfaasinfer';

const results = await runCapacityPlanning({
  profilePath: 'data/profiles/a100-80gb/llama-2-7b/tp1/kernel-sum-bf16/fitted_profile.json',
  workloadConfig: 'examples/workload/production.yaml',
  outputPath: 'results/capacity_plan.json',
});

const best = results.best_configuration;
if (best === null) {
  console.log(`Nothing fits: ${results.summary.recommendation}`);
} else {
  console.log(`Recommended: ${best.gpu_type}`);
  console.log(`Max QPS: ${best.performance.max_sustainable_qps}`);
  console.log(`Cost: $${best.cost.cost_per_hour}/hr`);
}
