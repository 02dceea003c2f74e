import { SingleBar } from 'cli-progress';
import type { PlanProgress } from '../../app/plan-capacity';

export interface Progress {
  readonly update: (progress: PlanProgress) => void;
  /** Ends the line. May be called more than once. */
  readonly stop: () => void;
}

/** A line on a terminal with candidates done, their rate and the time left; nothing where `shown` is false. */
export function createProgress(stream: NodeJS.WriteStream, shown: boolean): Progress {
  if (!shown) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    stream,
    format: '{bar} {value}/{total} candidates | {rate}/s | {eta_formatted} left',
    barsize: 24,
    clearOnComplete: true,
    etaBuffer: 100,
    // Ctrl-C is handled by the command, which stops the bar itself.
    gracefulExit: false,
  });
  const startedMs = performance.now();
  let first: number | null = null;
  return {
    update({ done, total }) {
      if (first === null) {
        // What needed no simulation is no measure of the speed: rate and time left are of the rest.
        first = done;
        bar.start(total, done, { rate: 0 });
        return;
      }
      const seconds = (performance.now() - startedMs) / 1e3;
      bar.setTotal(total);
      bar.update(done, { rate: formatRate((done - first) / seconds) });
    },
    stop: () => bar.stop(),
  };
}

const formatRate = (perS: number): string => perS.toFixed(perS < 10 ? 1 : 0);
