// Asking the API, and the plans that benchmarks launch.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './processes.mjs';

export const exampleRequest = () =>
  readFileSync(join(root, 'examples/capacity_planning_request.yaml'), 'utf8');

/** Resolves with the data; throws what the API says, or that it is not there. */
export async function ask(url, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined)
    throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions?.code });
  return data;
}

/** Ids of the plan and its run. */
export async function launch(url, input) {
  const { launchPlan } = await ask(
    url,
    'mutation launch($input: LaunchPlanInput!) { launchPlan(input: $input) { plan { id latestRun { id } } } }',
    { input },
  );
  return { planId: launchPlan.plan.id, runId: launchPlan.plan.latestRun.id };
}

export const runState = async (url, runId) =>
  (
    await ask(
      url,
      `query state($id: ID!) { run(id: $id) { status error candidateCount evaluatedCount startedAt finishedAt } }`,
      { id: runId },
    )
  ).run;

/** Waits until a run is finished; throws unless it is completed. */
export async function completed(url, runId) {
  for (;;) {
    const run = await runState(url, runId);
    if (run.status === 'COMPLETED') return run;
    if (run.finishedAt !== null) throw new Error(`the run is ${run.status}: ${run.error}`);
    await sleep(200);
  }
}
