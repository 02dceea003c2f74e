import { userInfo } from 'node:os';
import { EmbeddedPostgresError } from './embedded-error';

/** The user to start PostgreSQL as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

interface Situation {
  /** User id of this process. */
  readonly uid: number;
  /** Whether that id is in the user database. */
  readonly hasAccount: boolean;
  /** Who owns the data, when there are some already. */
  readonly dataOwner: Account | null;
  /** Text of /etc/passwd; read only as root. */
  readonly passwd: () => string;
}

/**
 * Whom to become to run PostgreSQL, which refuses to be root: null means this user. Data that exist keep their
 * owner, whoever starts the server.
 */
export function chooseAccount({ uid, hasAccount, dataOwner, passwd }: Situation): Account | null {
  if (uid !== 0) {
    if (!hasAccount) {
      throw new EmbeddedPostgresError(
        'NO_ACCOUNT',
        `this process runs as user id ${uid}, which has no account in /etc/passwd, and PostgreSQL needs one; ` +
          'run it as a user that has',
      );
    }
    if (dataOwner !== null && dataOwner.uid !== uid) {
      throw new EmbeddedPostgresError(
        'FOLDER',
        `the data belong to user id ${dataOwner.uid} and this process runs as ${uid}; start it as their owner, use another folder`,
      );
    }
    return null;
  }
  if (dataOwner !== null && dataOwner.uid !== 0) return dataOwner;
  const accounts = passwd()
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uidText, gidText]) => ({ name, uid: Number(uidText), gid: Number(gidText) }))
    .filter((account) => account.uid > 0 && account.gid > 0);
  const chosen = accounts.find(({ name }) => name === 'nobody') ?? accounts[0];
  if (chosen === undefined) {
    throw new EmbeddedPostgresError(
      'NO_ACCOUNT',
      'this process runs as root, which PostgreSQL refuses, and /etc/passwd has no other account; add one',
    );
  }
  return { uid: chosen.uid, gid: chosen.gid };
}

/** Whether the user of this process is in the user database (of the system, not only /etc/passwd). */
export function hasAccount(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}
