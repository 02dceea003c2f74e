import { type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';

/** Fields whose values are secrets, wherever in a line's first levels they stand. */
const SECRET_FIELDS = new Set([
  'authorization',
  'apiKey',
  'x-api-key',
  'cookie',
  'password',
  'secret',
  'secretHash',
  'token',
  'databaseUrl',
  'variables',
]);
const SECRET_LEVELS = 3;

/** One JSON object a line on standard output. `role` tells servers and workers apart. */
export function createLogger(options: {
  readonly level: Level | 'silent';
  readonly role: 'server' | 'worker';
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      base: { role: options.role, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      // Not pino's `redact`: with paths of any depth it copies every line, also those that hold no secrets.
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => hideSecretFields(fields, SECRET_LEVELS),
        bindings: (fields) => hideSecretFields(fields, SECRET_LEVELS),
      },
      serializers: { err: describeError },
      hooks: { streamWrite: hideSecrets },
    },
    options.destination ?? process.stdout,
  );
}

/** The same object when it holds no secrets. Of errors `describeError` chooses the fields. */
function hideSecretFields(fields: object, levels: number): Record<string, unknown> {
  const line = fields as Record<string, unknown>;
  let shown = line;
  for (const [key, value] of Object.entries(line)) {
    const isObject = typeof value === 'object' && value !== null && !(value instanceof Error);
    const safe = SECRET_FIELDS.has(key)
      ? '[secret]'
      : isObject && levels > 1
        ? hideSecretFields(value, levels - 1)
        : value;
    if (safe === value) continue;
    if (shown === line) shown = { ...line };
    shown[key] = safe;
  }
  return shown;
}

/** Secrets that reached a line inside a text: of an API key the beginning stays, of a database URL all but the password. */
function hideSecrets(line: string): string {
  return line
    .replace(/\b(sfi_[\w-]{6})[\w-]{10,}/g, '$1…')
    .replace(/\b(\w+:\/\/[^\s:/@"]*):[^\s@"]*@/g, '$1:[secret]@');
}

/** What helps to mend it. Other fields are left out: drivers put statements and their values there. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as Error & { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
