import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { AccessResolver } from './resolvers/access-resolver';
import {
  CalibrationQueryResolver,
  CalibrationResolver,
  PredictedVsObservedResolver,
} from './resolvers/calibration-resolver';
import { CandidateQueryResolver, CandidateResolver } from './resolvers/candidate-resolver';
import { CandidateConfigResolver, CatalogResolver } from './resolvers/catalog-resolver';
import { CompareQueryResolver, PairResolver } from './resolvers/compare-resolver';
import { LaunchResolver } from './resolvers/launch-resolver';
import { PlanQueryResolver, PlanResolver } from './resolvers/plan-resolver';
import { PriceBookResolver, PriceResolver } from './resolvers/price-resolver';
import { ProfileQueryResolver, ProfileResolver } from './resolvers/profile-resolver';
import { RequestResolver } from './resolvers/request-resolver';
import { RerankQueryResolver, RerankResolver } from './resolvers/rerank-resolver';
import { RunQueryResolver, RunResolver } from './resolvers/run-resolver';
import { SubscriptionResolver } from './resolvers/subscription-resolver';
import { TelemetryResolver } from './resolvers/telemetry-resolver';
import { TrafficResolver, WorkloadResolver } from './resolvers/traffic-resolver';

/** The schema of the API. schema.graphql is its text. */
export const buildApiSchema = (): GraphQLSchema =>
  buildSchemaSync({
    resolvers: [
      PlanQueryResolver,
      PlanResolver,
      RunQueryResolver,
      RunResolver,
      RequestResolver,
      CandidateQueryResolver,
      CandidateResolver,
      CandidateConfigResolver,
      ProfileQueryResolver,
      ProfileResolver,
      TrafficResolver,
      WorkloadResolver,
      CalibrationQueryResolver,
      CalibrationResolver,
      PredictedVsObservedResolver,
      TelemetryResolver,
      CatalogResolver,
      PriceResolver,
      PriceBookResolver,
      LaunchResolver,
      CompareQueryResolver,
      PairResolver,
      RerankQueryResolver,
      RerankResolver,
      AccessResolver,
      SubscriptionResolver,
    ],
    // Inputs are checked by the use cases.
    validate: false,
    // Subscriptions bring their own lists of events; type-graphql wants to be given this all the same.
    pubSub: { publish: unused, subscribe: unused },
  });

function unused(): never {
  throw new Error('subscriptions of this API do not use pubSub');
}
