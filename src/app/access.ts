import { createHash, randomBytes } from 'node:crypto';
import { ROLES, type Role } from './ports/records';

/** Who asks, and for which workspace. */
export interface Caller {
  /** Null on a server that is open on loopback. */
  readonly keyId: string | null;
  readonly workspaceId: string;
  readonly role: Role;
}

/** A request that the caller's role, or its lack of a key, forbids. */
export class AccessError extends Error {
  constructor(
    readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN',
    message: string,
  ) {
    super(message);
    this.name = 'AccessError';
  }
}

const hasRole = (caller: Caller, least: Role): boolean => ROLES.indexOf(caller.role) >= ROLES.indexOf(least);

/** Throws an AccessError when the caller's role is below `least`. `action` completes "may not …". */
export function requireRole(caller: Caller, least: Role, action: string): void {
  if (hasRole(caller, least)) return;
  throw new AccessError(
    'FORBIDDEN',
    `a key with role ${caller.role} may not ${action}; it takes role ${least}`,
  );
}

const SECRET_PREFIX = 'sfi_';

/** A new API key: 256 random bits. Shown once; only its hash is stored. */
export function newApiKeySecret(): { secret: string; prefix: string; secretHash: Uint8Array } {
  const secret = `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
  return { secret, prefix: secret.slice(0, SECRET_PREFIX.length + 6), secretHash: hashApiKey(secret) };
}

/** A plain hash will do: the secret is random and long, so it cannot be guessed from a dictionary. */
export const hashApiKey = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();
