import { EXIT } from './cli-context';

export interface Interrupt {
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

/** The first Ctrl-C calls `onFirst` and aborts the signal; the second ends the process at once. */
export function onInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  const handle = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    onFirst();
    controller.abort();
  };
  process.on('SIGINT', handle);
  return { signal: controller.signal, dispose: () => void process.off('SIGINT', handle) };
}
