import { GraphQLJSONObject } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import { DEFAULT_FIT_SHARE } from '../../../app/calibrate-telemetry';
import { field, inputType, optional, withDefault } from '../types/described';
import { DeploymentInput } from './simulate-input';

// One to one with the telemetry documents of `calibrate`, in camelCase; to-document.ts translates.

@inputType('RequestSampleInput', 'One request as served. What was not recorded is left out.')
export class RequestSampleInput {
  @optional(() => Float, 'Arrival, seconds from any start. Needed, unless durationS is given.')
  readonly arrivedAtS?: number | null;
  @field(() => Int, 'Prompt tokens.')
  readonly promptTokens!: number;
  @field(() => Int, 'Output tokens.')
  readonly outputTokens!: number;
  @optional(() => Int, 'Prompt tokens found in the prefix cache.')
  readonly cachedPromptTokens?: number | null;
  @optional(() => Float, 'Time to first token, ms.')
  readonly ttftMs?: number | null;
  @optional(() => Float, 'Mean time per output token after the first, ms.')
  readonly tpotMs?: number | null;
  @optional(() => Float, 'End-to-end latency, ms.')
  readonly e2eMs?: number | null;
}

@inputType('IterationSampleInput', 'One engine step as served.')
export class IterationSampleInput {
  @field(() => String, 'prefill, decode or mixed.')
  readonly type!: string;
  @field(() => Int, 'Sequences in the batch.')
  readonly batchSize!: number;
  @optional(() => Int, 'New prompt tokens over all sequences. Needed unless type is decode.')
  readonly promptTokens?: number | null;
  @optional(() => Int, 'Cached tokens read over all decoding sequences. Needed unless type is prefill.')
  readonly contextTokens?: number | null;
  @field(() => Float, 'Time of the step, ms.')
  readonly timeMs!: number;
}

@inputType(
  'TelemetryInput',
  'What was seen of one deployment: one kind of samples, or iterations beside another.',
)
export class TelemetryInput {
  @optional(() => String, "Name of a stored or shipped profile. Default the library's for the model.")
  readonly profile?: string | null;
  @optional(() => String, 'Name of the model; required without a profile.')
  readonly model?: string | null;
  @field(() => String, 'The engine that served and its version, e.g. vllm 0.19.0.')
  readonly engine!: string;
  @field(() => DeploymentInput, 'The deployment it was taken on.')
  readonly deployment!: DeploymentInput;
  @optional(() => [RequestSampleInput], 'Requests, one by one.')
  readonly samples?: readonly RequestSampleInput[] | null;
  @optional(() => String, 'The same as the lines of a CSV or JSON file, in place of samples.')
  readonly requests?: string | null;
  @optional(() => [IterationSampleInput], 'Engine steps, one by one.')
  readonly iterations?: readonly IterationSampleInput[] | null;
  @optional(() => GraphQLJSONObject, 'What `vllm bench serve --save-result` wrote.')
  readonly vllmBench?: Readonly<Record<string, unknown>> | null;
  @optional(() => String, "A scrape of vLLM's /metrics.")
  readonly prometheus?: string | null;
  @optional(() => String, 'An earlier scrape: what came between the two is used.')
  readonly prometheusBefore?: string | null;
  @optional(() => Float, 'Seconds that scrapes, or requests without arrivals, are of.')
  readonly durationS?: number | null;
}

@inputType('RegisterTelemetryInput', 'Telemetry to keep: telemetry or yaml, not both.')
export class RegisterTelemetryInput {
  @field(() => String, 'Name to keep it under.')
  readonly name!: string;
  @optional(() => TelemetryInput, 'The telemetry.')
  readonly telemetry?: TelemetryInput | null;
  @optional(() => String, 'The same as the YAML text of a telemetry document; it may name no files.')
  readonly yaml?: string | null;
}

@inputType('CalibrateInput', 'What to fit the time model to.')
export class CalibrateInput {
  @field(() => [ID], 'Ids of telemetry sets, all of one model, GPU, degree and engine; 1 to 20.')
  readonly telemetrySetIds!: readonly string[];
  @optional(
    () => ID,
    "Id of the stored profile to correct. Default the one the telemetry names, else the library's.",
  )
  readonly profileId?: string | null;
  @withDefault(
    () => Float,
    DEFAULT_FIT_SHARE,
    'Share of each set, from its start, that is fitted on; the rest judges. From 0.1 to 1.',
  )
  readonly fitShare!: number;
  @withDefault(
    () => Boolean,
    false,
    "Have plans use the correction also where nothing is held out to verify it, as with a benchmark's sums: marked, and with wider intervals.",
  )
  readonly acceptUnverified!: boolean;
  @withDefault(() => Boolean, false, 'Correct a profile in which the lint finds errors.')
  readonly acceptProfileErrors!: boolean;
}
