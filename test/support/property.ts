import fc from 'fast-check';

/**
 * A property that must hold for `runs` random inputs. The inputs follow from one seed, the same at every run unless
 * FC_SEED says otherwise; FC_RUNS multiplies the number of inputs. A failure prints the seed, the path of the
 * smallest input that fails and the command that replays it (FC_PATH with FC_SEED runs that input alone). FC_SHRINK=0
 * takes the first input that fails, where finding a smaller one takes long.
 */
export function holds<T>(arbitrary: fc.Arbitrary<T>, check: (input: T) => void, runs: number): void {
  const { FC_SEED, FC_RUNS, FC_PATH, FC_SHRINK } = process.env;
  const seed = Number(FC_SEED ?? DEFAULT_SEED);
  const report = fc.check(fc.property(arbitrary, check), {
    seed,
    numRuns: Math.ceil(runs * Number(FC_RUNS ?? 1)),
    endOnFailure: FC_SHRINK === '0',
    ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
  });
  if (!report.failed) return;
  const replay = `replay: FC_SEED=${seed} FC_PATH=${report.counterexamplePath} npx jest <this file> -t <this test>`;
  throw new Error(`${replay}\n${fc.defaultReportMessage(report)}`, { cause: report.errorInstance });
}

const DEFAULT_SEED = 20_251_124;
