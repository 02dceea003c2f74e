import type { Caller } from '../../../app/access';
import { endOfKey } from '../../../app/api-keys';
import type { ReadStore } from '../../../app/ports/read-store';

/** Tells `onEnd` once, with the reason, when the caller's key is revoked or expires. Returns how to stop watching. */
export type WatchKey = (caller: Caller, onEnd: (reason: string) => void) => () => void;

/** How long a subscription may outlive its key. */
const CHECK_MS = 3000;

interface Watched {
  readonly caller: Caller;
  readonly onEnd: (reason: string) => void;
}

/**
 * Looks after the keys of long-lived connections, which were asked for them only once: every few seconds, with one
 * statement for each workspace that has any, however many they are.
 */
export function createKeyWatch(readStore: Pick<ReadStore, 'apiKeys'>): WatchKey {
  const watched = new Set<Watched>();
  let scheduled = false;

  async function checkWorkspace(workspaceId: string): Promise<void> {
    // Before the reading: a key that was made during it may not be among those read.
    const entries = [...watched].filter(({ caller }) => caller.workspaceId === workspaceId);
    const keys = new Map((await readStore.apiKeys(workspaceId)).map((key) => [key.id, key]));
    const now = new Date();
    for (const entry of entries) {
      const key = keys.get(entry.caller.keyId ?? '');
      const reason = key === undefined ? 'this API key is gone' : endOfKey(key, now);
      if (reason !== null && watched.delete(entry)) entry.onEnd(reason);
    }
  }

  async function check(): Promise<void> {
    const workspaceIds = new Set([...watched].map(({ caller }) => caller.workspaceId));
    // A database that is away is asked again.
    await Promise.allSettled([...workspaceIds].map(checkWorkspace));
    scheduled = false;
    if (watched.size > 0) schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => void check(), CHECK_MS).unref();
  }

  return (caller, onEnd) => {
    // On a server that is open there is no key that could end.
    if (caller.keyId === null) return () => {};
    const entry = { caller, onEnd };
    watched.add(entry);
    schedule();
    return () => {
      watched.delete(entry);
    };
  };
}
