import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';

/**
 * A named pipe counts the programs that use the server. Each holds its writing end open, and the watchdog reads it: the
 * kernel closes the end of a program that ends in whatever way, kill -9 too, and the last one gives the watchdog an
 * end of file. Nothing has to be cleaned up or polled.
 */
export interface Hold {
  /** Whether a watchdog reads the pipe, i.e. whether the server is being kept running. */
  guarded(): boolean;
  release(): void;
}

/** Null when no watchdog reads the pipe. */
export function holdKeepalive(pipe: string): Hold | null {
  try {
    return holdOf(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'ENOENT') return null;
    throw error;
  }
}

/** Both ends, for whoever starts the watchdog: it hands over the reading end and closes its own copy. */
export function openKeepalive(pipe: string): { hold: Hold; readEnd: number } {
  if (!existsSync(pipe)) execFileSync('mkfifo', ['-m', '600', pipe]);
  // Opening one end waits for the other; this descriptor is both for the moment.
  const both = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const readEnd = openSync(pipe, constants.O_RDONLY);
  const hold = holdOf(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  closeSync(both);
  return { hold, readEnd };
}

function holdOf(descriptor: number): Hold {
  let released = false;
  return {
    guarded() {
      try {
        writeSync(descriptor, '\n');
        return true;
      } catch (error) {
        // A full pipe still has its reader.
        return (error as NodeJS.ErrnoException).code === 'EAGAIN';
      }
    },
    release() {
      if (!released) closeSync(descriptor);
      released = true;
    },
  };
}
