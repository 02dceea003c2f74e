import { enumOf } from './described';

// Names are the words of the request files in capitals; the values inside are the wire's own.

export const Scheduler = enumOf('Scheduler', 'How an engine makes its batches.', {
  VLLM: [
    'vllm',
    "vLLM's V1 engine: running requests first, prompts prefilled in chunks within the token budget.",
  ],
  VLLM_V0: ['vllm-v0', "vLLM's first engine: whole prompts first, batches of pure prefill or pure decode."],
  SARATHI: ['sarathi', 'Stall-free: decodes first, then prefill chunks up to the chunk size.'],
  ORCA: [
    'orca',
    'Iteration-level batches of whole prompts and decodes; KV cache reserved for the longest request.',
  ],
  FASTER_TRANSFORMER: ['faster-transformer', 'Static batches that run to completion.'],
});

export const Routing = enumOf('Routing', 'Which replica a request goes to.', {
  ROUND_ROBIN: ['round_robin', 'One replica after the other.'],
  RANDOM: ['random', 'Any replica with the same probability.'],
  LEAST_OUTSTANDING: ['least_outstanding', 'The replica with the fewest unfinished requests.'],
  LEAST_KV: ['least_kv', 'The replica with the least KV cache in use.'],
});

export const Objective = enumOf('Objective', 'What the best candidate is best at.', {
  MAX_QPS_PER_DOLLAR: ['max_qps_per_dollar', 'Most sustainable requests/s for each US dollar per hour.'],
  MIN_COST: ['min_cost', 'Least cost per hour that serves the target load.'],
  MAX_QPS: ['max_qps', 'Most sustainable requests/s within the budget.'],
});

export const PriceKind = enumOf('PriceKind', 'How a GPU is rented.', {
  ON_DEMAND: ['on-demand', 'By the hour, no commitment.'],
  SPOT: ['spot', 'By the hour, may be taken away.'],
  RESERVED_1Y: ['reserved-1y', 'Committed for a year.'],
});

export const CandidateStatus = enumOf('CandidateStatus', 'What became of a candidate.', {
  FEASIBLE: ['FEASIBLE', 'Every target holds up to its maximum sustainable QPS.'],
  CAPPED: ['CAPPED', 'Feasible and not saturated at the end of the rate range: the true maximum is higher.'],
  INFEASIBLE: ['INFEASIBLE', 'A target is missed even at the lowest rate.'],
  DOES_NOT_FIT: ['DOES_NOT_FIT', 'The model does not fit into the memory of the GPUs.'],
  OVER_BUDGET: ['OVER_BUDGET', 'Costs more per hour than the request allows; not simulated.'],
  BELOW_MIN_QPS: ['BELOW_MIN_QPS', 'Sustains less load than the request asks for.'],
  INVALID: ['INVALID', 'No engine starts with such a configuration.'],
  FAILED: ['FAILED', 'Its evaluation failed by a fault of the planner.'],
  NOT_EVALUATED: ['NOT_EVALUATED', 'Not reached before the search was stopped.'],
});

export const TimeBasis = enumOf(
  'TimeBasis',
  'How the iteration times of a candidate are known, best first.',
  {
    MEASURED: ['measured', 'Inside the measured range of a profile of this GPU and tensor-parallel degree.'],
    EXTRAPOLATED: ['extrapolated', 'A noticeable part of the time is outside the measured range.'],
    SCALED: ['scaled', 'Scaled from the profile of another GPU or tensor-parallel degree.'],
  },
);

export const RunStatus = enumOf('RunStatus', 'Where a run stands.', {
  QUEUED: ['queued', 'Waits for a worker.'],
  RUNNING: ['running', 'Candidates are being evaluated.'],
  STOPPING: ['stopping', 'Told to stop; what is left undone is being noted down.'],
  COMPLETED: ['completed', 'Every candidate has its answer. Final.'],
  STOPPED: ['stopped', 'Ended by its deadline or its budget of simulations: results are partial. Final.'],
  CANCELLED: ['cancelled', 'Cancelled by a user: results are partial. Final.'],
  FAILED: ['failed', 'Ended by a fault, see error. Final.'],
});

export const StopReason = enumOf('StopReason', 'Why a run ended early.', {
  CANCELLED: ['cancelled', 'A user cancelled it.'],
  DEADLINE: ['deadline', 'Its deadline passed.'],
  SIMULATIONS: ['simulations', 'Its budget of simulations was used up.'],
});

export const PlanPriority = enumOf('PlanPriority', 'Which plans the workers take first.', {
  LOW: ['low', 'After all others.'],
  NORMAL: ['normal', 'The default.'],
  HIGH: ['high', 'Before all others.'],
});

export const Role = enumOf('Role', 'What an API key may do; each role may do what those before it may.', {
  VIEWER: ['viewer', 'Read everything of its workspace.'],
  PLANNER: ['planner', 'Also upload, launch, cancel, archive.'],
  ADMIN: ['admin', 'Also delete, change prices and manage API keys.'],
});

export const ReportFormat = enumOf('ReportFormat', 'Form of the report of a plan.', {
  JSON: ['json', 'The whole report as JSON text, with the keys of the report files.'],
  TEXT: ['text', 'The whole report for a terminal.'],
  MARKDOWN: ['markdown', 'The whole report as Markdown.'],
  CSV: ['csv', 'The table of candidates.'],
});

export const SortDirection = enumOf('SortDirection', 'Order of a list.', {
  ASC: ['asc', 'Smallest or earliest first.'],
  DESC: ['desc', 'Largest or latest first.'],
});

export const AlternativeKind = enumOf('AlternativeKind', 'Why a candidate is offered beside the best one.', {
  BUDGET: ['budget', 'The cheapest feasible candidate per hour.'],
  PREMIUM: ['premium', 'The feasible candidate with the highest sustainable QPS.'],
  TIED: ['tied', "Within the best one's 90% interval: as good as far as the simulation can tell."],
});
