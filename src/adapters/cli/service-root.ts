import type { Role } from '../../app/ports/records';

/** What the composition root can start. Each resolves when it has ended; faults of the configuration are InputErrors. */
export interface ServiceRoot {
  /** Serves until the process is told to end. `withExample`: launches the shipped example plan once. */
  serve(options: { readonly withExample: boolean }): Promise<void>;
  work(): Promise<void>;
  /** Brings the database to this version; the migrations applied. */
  migrate(): Promise<readonly string[]>;
  createKey(key: {
    readonly workspace: string;
    readonly name: string;
    readonly role: Role;
    readonly expiresAt: Date | null;
  }): Promise<string>;
}
