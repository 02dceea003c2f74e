import { setFlagsFromString } from 'node:v8';

/**
 * Threads begun from now on optimise their code themselves and not in the background; running ones keep their way.
 *
 * Node up to 22 takes a thread that ends off its platform before it waits for that thread's background compilers.
 * A compiler that needs the platform in between (to collect garbage) aborts the whole process: rare, but it was
 * seen at the end of a plan. Measured cost: none (the processors are busy simulating either way).
 */
export function compileOnTheThread(): void {
  setFlagsFromString('--no-concurrent-recompilation');
}
