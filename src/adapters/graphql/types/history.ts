import { Float, ID } from 'type-graphql';
import { CandidateFigures, InputDifference } from './compare';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { PlanRun } from './plan';

const RATIO = 'now ÷ then; null where one of them is not there';

@objectType('HistoryChange', 'The change against the last run before that asked the same.')
export class HistoryChange {
  @field(() => PlanRun, 'That run.')
  readonly againstRun!: object;
  @optional(() => Float, `Maximum sustainable load: ${RATIO}.`)
  readonly maxQpsRatio!: number | null;
  @optional(() => Float, `Cost per hour: ${RATIO}.`)
  readonly costRatio!: number | null;
  @optional(() => Float, `Load for each dollar: ${RATIO}.`)
  readonly qpsPerDollarRatio!: number | null;
  @field(
    () => [InputDifference],
    'Inputs that are not the same as then and concern this GPU; values are then, now.',
  )
  readonly inputs!: readonly InputDifference[];
  @field(
    () => Boolean,
    'Whether load, or load for each dollar, fell beyond both 90% intervals, or nothing can be recommended any more.',
  )
  readonly regression!: boolean;
  @field(() => String, 'For a person.')
  readonly sentence!: string;
}

@objectType('HistoryEntry', 'The best candidate of a model on a GPU, as one run found it.')
class HistoryEntry {
  @field(() => PlanRun, 'The run.')
  readonly run!: object;
  @field(
    () => ID,
    'Equal for runs that asked the same: traffic, targets, limits, objective and space of this GPU.',
  )
  readonly comparabilityKey!: string;
  @optional(() => CandidateFigures, 'The best candidate on this GPU; null: none of it can be recommended.')
  readonly best!: CandidateFigures | null;
  @optional(() => HistoryChange, 'Against the last run before that asked the same; null: there is none.')
  readonly change!: HistoryChange | null;
}

export const HistoryConnection = connectionOf(HistoryEntry, 'History', 'runs of a model on a GPU');
