import { loadCatalog } from '../../src/app/load-catalog';
import { makePlan } from '../../src/app/make-plan';
import { openPlan } from '../../src/app/open-plan';
import { evaluateFamily } from '../../src/core/search/evaluate-family';
import { createSampleSource } from '../../src/core/search/probe';

/** What the library finds for a request, in this thread; `telemetry`: paths of documents to calibrate with. */
export async function directly(value: object, telemetry: readonly string[] = []) {
  const catalog = loadCatalog();
  const opened = openPlan({
    documents: [{ source: 'request', value }],
    profiles: [],
    model: null,
    telemetry,
    catalog,
    acceptProfileErrors: false,
  });
  return makePlan({
    opened,
    catalog,
    now: new Date(0),
    createRunner: (context) => ({
      run: async (families, onEvaluation) =>
        families.flatMap((family) =>
          evaluateFamily(context, family, createSampleSource(context), {
            onDone: onEvaluation,
            stop: () => false,
          }),
        ),
      close: async () => {},
    }),
  });
}
