import { loadCatalog } from '../../app/load-catalog';
import type { Simulator } from '../../app/ports/simulator';
import { type DeploymentRun, simulateDeployment } from '../../app/simulate-deployment';
import { InputError, type InputFault } from '../../core/errors';

/** An error that crosses threads loses its class, so the fault goes as a value. */
export type SimulateOutcome =
  | { readonly run: Omit<DeploymentRun, 'requests'> }
  | { readonly fault: InputFault };

/** Piscina task: simulates one deployment. */
export default function run(order: Parameters<Simulator['simulate']>[0]): SimulateOutcome {
  try {
    const { requests: _, ...outcome } = simulateDeployment({
      ...order,
      source: 'deployment',
      catalog: loadCatalog(),
      keepRequests: false,
      acceptOption: 'acceptProfileErrors: true',
    });
    return { run: outcome };
  } catch (error) {
    if (error instanceof InputError) return { fault: error.fault };
    throw error;
  }
}
