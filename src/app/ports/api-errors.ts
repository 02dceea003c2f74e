// What the service answers with besides an InputError and an AccessError. Every adapter shows these to the caller.

/** Nothing of this kind and id is there for the caller's workspace. */
export class NotFoundError extends Error {
  readonly code = 'NOT_FOUND';

  constructor(
    /** In words: `plan`, `profile`, … */
    readonly kind: string,
    readonly id: string,
  ) {
    super(`there is no ${kind} ${JSON.stringify(id)}`);
    this.name = 'NotFoundError';
  }
}

/** What is there does not allow it now: a key used for other content, a plan that is still running. */
export class ConflictError extends Error {
  readonly code = 'CONFLICT';

  constructor(
    message: string,
    /** What to do. */
    readonly hint: string | null = null,
  ) {
    super(hint === null ? message : `${message}; ${hint}`);
    this.name = 'ConflictError';
  }
}

/** More than the server gives one caller. */
export class LimitError extends Error {
  readonly code = 'LIMIT_EXCEEDED';

  constructor(
    /** What is limited, in words: `depth of the query`, `candidates of a plan`, … */
    readonly limited: string,
    readonly found: number,
    readonly allowed: number,
    /** What to do, where it is not plain. */
    readonly hint: string | null = null,
  ) {
    super(`${limited}: found ${found}; allowed: at most ${allowed}${hint === null ? '' : `; ${hint}`}`);
    this.name = 'LimitError';
  }
}
