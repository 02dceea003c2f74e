/** What adapters tell about their work, for monitoring. None of these waits or throws. */
export interface Metrics {
  /** One SQL statement or transaction, ms. */
  observeSql(ms: number): void;
  /** One GraphQL operation, ms; by the client's name for it. */
  observeOperation(operation: {
    readonly name: string | null;
    readonly ms: number;
    readonly failed: boolean;
  }): void;
  /** Candidates evaluated and stored by this process; `simulationS`: time its threads were busy with them, s. */
  countEvaluated(work: {
    readonly candidates: number;
    readonly simulations: number;
    readonly simulationS: number;
  }): void;
  /** Gives the state of the queue, which all processes share; called when the metrics are read. */
  watchQueue(read: () => Promise<QueueState>): void;
}

export interface QueueState {
  /** Tasks nobody works on. */
  readonly waiting: number;
  /** Tasks that workers are at. */
  readonly active: number;
  /** Workers alive. */
  readonly workers: number;
}
