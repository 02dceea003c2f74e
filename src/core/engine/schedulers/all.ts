import type { SchedulerName } from '../deployment';
import type { Scheduler } from '../replica';
import { fasterTransformer } from './faster-transformer';
import { orca } from './orca';
import { sarathi } from './sarathi';
import { vllm } from './vllm';
import { vllmV0 } from './vllm-v0';

export const SCHEDULER_OF: Readonly<Record<SchedulerName, Scheduler>> = {
  vllm,
  'vllm-v0': vllmV0,
  sarathi,
  orca,
  'faster-transformer': fasterTransformer,
};
