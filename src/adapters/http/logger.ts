import { type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';

/** Fields whose values are secrets, wherever in a line's first levels they stand. */
const SECRET_FIELDS = [
  'authorization',
  'apiKey',
  '["x-api-key"]',
  'cookie',
  'password',
  'secret',
  'secretHash',
  'token',
  'databaseUrl',
  'variables',
];

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
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: SECRET_FIELDS.flatMap(anyDepth), censor: '[secret]' },
      hooks: { streamWrite: hideSecrets },
    },
    options.destination ?? process.stdout,
  );
}

const anyDepth = (field: string): string[] => {
  const below = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${below}`, `*.*${below}`];
};

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
