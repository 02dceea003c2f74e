import { enumOf } from './described';

export const InputAspect = enumOf('InputAspect', 'What an input of a plan is about.', {
  ENGINE: ['engine', 'The version of the simulation engine.'],
  CATALOG: ['catalog', 'The version of the catalogue of GPUs and models.'],
  MODEL: ['model', 'The model.'],
  WORKLOAD: ['workload', 'The traffic.'],
  TARGETS: ['targets', 'The latency targets.'],
  BUDGET: ['budget', 'The limits of cost and load.'],
  OBJECTIVE: ['objective', 'What the best candidate is best at.'],
  SPACE: ['space', 'The deployments to choose among.'],
  PRICES: ['prices', 'The price book, and which of its prices.'],
  PROFILE: ['profile', 'The profile that iteration times come from.'],
  CALIBRATION: ['calibration', 'The correction of the time model.'],
  OVERHEAD: ['overhead', 'Time added that profiles do not contain.'],
  SIMULATION: ['simulation', 'How each rate is simulated.'],
});

export const MatchKind = enumOf('MatchKind', 'Why candidates of two plans are compared with each other.', {
  DEPLOYMENT: ['deployment', 'The same deployment, to the last setting.'],
  SETTINGS: ['settings', 'The same GPUs, arrangement, scheduler and batch size; other engine settings.'],
  GPU: ['gpu', 'The same arrangement on another type of GPU.'],
});

export const WinnerReasonCode = enumOf('WinnerReasonCode', 'Why another candidate is recommended.', {
  OBJECTIVE_CHANGED: ['objective-changed', 'The objective is another.'],
  CANDIDATE_NEW: ['candidate-new', 'The new winner is not among the candidates of the first plan.'],
  CANDIDATE_REMOVED: ['candidate-removed', 'The old winner is not among the candidates of the second plan.'],
  COST_CHANGED: ['cost-changed', 'It costs more or less.'],
  QPS_CHANGED: ['qps-changed', 'It sustains more or less, beyond both 90% intervals.'],
  TARGET_BINDS: ['target-binds', 'A target that changed is what limits it now.'],
  STATUS_CHANGED: ['status-changed', 'It became feasible, or is no longer.'],
  NOT_EVALUATED: [
    'not-evaluated',
    'One of the plans was stopped before it had looked at the winner of the other.',
  ],
  WITHIN_INTERVALS: ['within-intervals', 'Nothing but differences within the 90% intervals.'],
});

export const WinnerSide = enumOf('WinnerSide', 'Which winner a reason speaks of.', {
  OLD: ['old', 'The winner of the first plan.'],
  NEW: ['new', 'The winner of the second plan.'],
});

export const FrontierChangeKind = enumOf(
  'FrontierChangeKind',
  'What happened to a candidate on a frontier.',
  {
    ENTERED: ['entered', 'On the second frontier only.'],
    LEFT: ['left', 'On the first frontier only.'],
    MOVED: ['moved', 'On both, at another cost or, beyond the 90% intervals, another load.'],
  },
);
