import { Float, ID, Int } from 'type-graphql';
import type { PlanPriority as PlanPriorityValue } from '../../../app/ports/records';
import { inputType, optional, withDefault } from '../types/described';
import { PlanPriority } from '../types/enums';
import { PlanRequestInput } from './request-input';

@inputType('LaunchPlanInput', 'What to plan: request or yaml, not both.')
export class LaunchPlanInput {
  @optional(() => String, 'Name of the plan. Default made from the model and the GPUs.')
  readonly name?: string | null;
  @optional(() => PlanRequestInput, 'The question.')
  readonly request?: PlanRequestInput | null;
  @optional(() => String, 'The same as the YAML text of a request file.')
  readonly yaml?: string | null;
  @withDefault(() => [ID], [], 'Ids of stored profiles to use, before any that the request names.')
  readonly profileIds!: readonly string[];
  @optional(() => String, 'Id or name of a registered workload, in place of the workload of the request.')
  readonly workload?: string | null;
  @optional(() => String, 'Name of a model, where the request names none.')
  readonly model?: string | null;
  @withDefault(() => PlanPriority, 'normal', 'Which plans the workers take first.')
  readonly priority!: PlanPriorityValue;
  @optional(() => Float, 'Stop this long after the launch, s, with the results until then. Default never.')
  readonly deadlineS?: number | null;
  @optional(() => Int, 'Stop after this many simulations, with the results until then. Default never.')
  readonly simulationsMax?: number | null;
  @optional(
    () => String,
    'Makes a repeated launch harmless: the same key and content give the plan launched before, other content is a CONFLICT.',
  )
  readonly idempotencyKey?: string | null;
  @withDefault(
    () => Boolean,
    true,
    'Use the newest calibrations that help; never beside an overhead that the request gives, which they would replace.',
  )
  readonly useCalibrations!: boolean;
  @withDefault(() => Boolean, false, 'Plan on profiles in which the lint finds errors.')
  readonly acceptProfileErrors!: boolean;
}
