/** What happens to runs, told to every server and worker through the database. */
export type RunEvent =
  /** Its status or its counts changed: read it again. */
  | { readonly kind: 'progress'; readonly runId: string }
  /** These candidates are stored now. */
  | { readonly kind: 'candidates'; readonly runId: string; readonly configIds: readonly number[] }
  /** It is being stopped: end its simulations. */
  | { readonly kind: 'stop'; readonly runId: string }
  /** Tasks wait for a worker. */
  | { readonly kind: 'work' }
  /** The connection was lost for a while: anything may have happened. */
  | { readonly kind: 'resync' };

export interface RunEvents {
  /** Hears of everything from now on, until the returned function is called. */
  listen(listener: (event: RunEvent) => void): () => void;
}
