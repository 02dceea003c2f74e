import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names the set of processes that this one can see by number, readable name first. Two processes have the same only if
 * they ask the same kernel about the same numbers: containers may share a name, and their numbers mean other processes,
 * so the boot of the kernel and the namespace of the numbers belong to it. Where the system tells neither (not Linux),
 * it is one that nobody else has.
 */
export function hostIdentity(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `${hostname()} ${randomUUID()}`;
  }
}

/**
 * Whether no process of this host has the number. One that others may not signal is there, and so is one whose number
 * went to another program.
 */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
