type EmbeddedPostgresFault =
  /** npm has no PostgreSQL for this platform, or did not install it. */
  | 'NO_BINARIES'
  /** PostgreSQL needs an account that is in the user database and is not root. */
  | 'NO_ACCOUNT'
  /** The folder cannot be made, written, or belongs to somebody else. */
  | 'FOLDER'
  /** The data were made by a PostgreSQL of another major version. */
  | 'OTHER_VERSION'
  /** The programs are there and the folder is fine, yet the server did not come up. */
  | 'START';

/** Why the embedded PostgreSQL cannot run here: one line, which always ends in the way out. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresFault;

  constructor(code: EmbeddedPostgresFault, problem: string, options?: { cause: unknown }) {
    super(`Embedded PostgreSQL: ${problem}, or set DATABASE_URL`, options);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}
