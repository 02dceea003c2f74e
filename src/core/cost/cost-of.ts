import type { CandidateCost } from '../search/result';

export interface CostQuestion {
  readonly costPerHourUsd: number;
  /** Sustained load over all replicas, requests/s; null or 0: none. */
  readonly qps: number | null;
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
  readonly priceSource: string;
}

/**
 * What serving costs at a load. The two prices per million tokens each carry the *whole* cost: they are two views of one
 * bill, never to be added.
 */
export function costOf({
  costPerHourUsd,
  qps,
  meanPromptTokens,
  meanOutputTokens,
  priceSource,
}: CostQuestion): CandidateCost {
  if (qps === null || !(qps > 0)) {
    return {
      costPerHourUsd,
      costPer1kRequestsUsd: null,
      costPerMillionInputTokensUsd: null,
      costPerMillionOutputTokensUsd: null,
      qpsPerDollar: null,
      priceSource,
    };
  }
  const thousandRequestsPerHour = qps * 3.6;
  const perMillion = (tokensPerRequest: number) =>
    tokensPerRequest > 0 ? (costPerHourUsd * 1e3) / (thousandRequestsPerHour * tokensPerRequest) : null;
  return {
    costPerHourUsd,
    costPer1kRequestsUsd: costPerHourUsd / thousandRequestsPerHour,
    costPerMillionInputTokensUsd: perMillion(meanPromptTokens),
    costPerMillionOutputTokensUsd: perMillion(meanOutputTokens),
    // A price of zero (hardware that is already paid for) has no QPS per dollar.
    qpsPerDollar: costPerHourUsd > 0 ? qps / costPerHourUsd : null,
    priceSource,
  };
}
