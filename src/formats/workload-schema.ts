import { z } from 'zod';
import { LIMITS } from './limits';
import { flag, mapping, number, text, whole } from './schema-kit';

const tokens = whole({ min: 1, max: LIMITS.tokens });
const mean = number({ above: 0, max: LIMITS.tokens });
const std = number({ min: 0, max: LIMITS.tokens });
const csvPath = text('the path of a CSV file');

const lengthKinds = z.discriminatedUnion(
  'distribution',
  [
    mapping({ distribution: z.literal('fixed'), value: whole({ min: 0, max: LIMITS.tokens }) }),
    mapping({ distribution: z.literal('normal'), mean, std }),
    mapping({ distribution: z.literal('lognormal'), mean, std }),
    mapping({ distribution: z.literal('gamma'), mean, std }),
    mapping({ distribution: z.literal('uniform'), min: tokens, max: tokens }),
    mapping({
      distribution: z.literal('empirical'),
      values: z
        .array(tokens, { error: 'a list of token counts' })
        .min(1, { error: 'at least one entry' })
        .optional(),
      weights: z.array(number({ min: 0, max: 1e12 }), { error: 'a list of numbers' }).optional(),
      /** A CSV of one column, instead of `values`. */
      path: csvPath.optional(),
    }),
    /** One column of a request trace. */
    mapping({ distribution: z.literal('trace'), path: csvPath }),
  ],
  { error: 'a number of tokens, or a mapping with the key distribution' },
);

/** A bare number is a fixed length. */
const lengthSchema = z.preprocess(
  (value) => (typeof value === 'number' ? { distribution: 'fixed', value } : value),
  lengthKinds,
);
export type LengthInput = z.infer<typeof lengthKinds>;

const cv = number({ above: 0, max: LIMITS.coefficientOfVariation });
const burstSize = whole({ min: 1, max: LIMITS.burstSize });

/** Arrivals with the keys each process knows, and those of `extra` in all of them. */
const arrivalSchema = <T extends z.ZodRawShape>(extra: T) =>
  z.discriminatedUnion(
    'process',
    [
      mapping({ process: z.literal('poisson'), ...extra }),
      mapping({ process: z.literal('constant'), ...extra }),
      mapping({ process: z.literal('gamma'), cv, ...extra }),
      mapping({ process: z.literal('burst'), burst_size: burstSize, ...extra }),
      mapping({ process: z.literal('trace'), ...extra }),
    ],
    { error: 'a mapping with the key process' },
  );

const planArrival = arrivalSchema({});
export type ArrivalInput = z.infer<typeof planArrival>;

const prefixCachingSchema = mapping({
  /** Share of every prompt's tokens that is cached. */
  hit_rate: number({ min: 0, max: 1 }).optional(),
  /** true: simulate the cache from the trace's hash_ids; false: the trace's cached_prompt_tokens. */
  simulate: flag().optional(),
  hash_block_size: whole({ min: 1, max: LIMITS.tokens }).optional(),
});
export type PrefixCachingInput = z.infer<typeof prefixCachingSchema>;

/** Keys of `workload` that a plan and a simulation share. */
const trafficShape = {
  prompt_length: lengthSchema.optional(),
  output_length: lengthSchema.optional(),
  cached_prompt_tokens: lengthSchema.optional(),
  /** A request trace (CSV): lengths, and arrivals unless `arrival` says otherwise. */
  trace: csvPath.optional(),
  prefix_caching: prefixCachingSchema.optional(),
};

const rate = number({ min: LIMITS.lowestRateQps, max: LIMITS.rateQps });

export const planWorkloadShape = {
  arrival_rate_range: z
    .tuple([rate, rate], { error: 'two rates in requests/s, the lower one first, e.g. [1, 100]' })
    .optional(),
  arrival: planArrival.optional(),
  ...trafficShape,
};

export const simulateWorkload = mapping({ arrival: arrivalSchema({ rate }).optional(), ...trafficShape });
