import { PrismaPg } from '@prisma/adapter-pg';
import postgres, { type ISql, type Sql } from 'postgres';
import { PrismaClient } from './generated/client';

/** Connections to one database: Prisma for what is read row by row, postgres.js for what is read or written in bulk. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly sql: Sql;
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
}

/** Where statements are run: the pool, or one transaction. */
export type Executor = ISql;

export interface ConnectOptions {
  /** Most connections of postgres.js; Prisma takes at most half as many again. */
  readonly poolSize: number;
  /** Shown by `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Hears of every statement before it is sent. */
  readonly onStatement?: (statement: SentStatement) => void;
  /** Hears of connections lost while idle. The next statement opens a new one. */
  readonly onConnectionLost?: (error: Error) => void;
}

export interface SentStatement {
  readonly text: string;
  /** Empty for those of Prisma. */
  readonly parameters: readonly unknown[];
  readonly via: 'postgres' | 'prisma';
}

const CONNECT_TIMEOUT_S = 10;

/** Connects when the first statement is sent. Statements under way when the server goes down are rejected; later ones reconnect. */
export function connectDatabase(url: string, options: ConnectOptions): Database {
  const { poolSize, applicationName = 'simfaasinfer', onStatement, onConnectionLost } = options;
  const sql = postgres(url, {
    max: poolSize,
    connect_timeout: CONNECT_TIMEOUT_S,
    connection: { application_name: applicationName },
    onnotice: () => {},
    ...(onStatement === undefined
      ? {}
      : {
          debug: (_: number, text: string, parameters: unknown[]) =>
            onStatement({ text, parameters, via: 'postgres' }),
        }),
  });
  const prisma = connectPrisma(url, options);
  return {
    prisma,
    sql,
    async close() {
      await Promise.all([sql.end({ timeout: 5 }), prisma.$disconnect()]);
    },
  };

  function connectPrisma(connectionString: string, { poolSize: size }: ConnectOptions): PrismaClient {
    // Without a listener the pool's error events would end the process.
    const lost = (error: Error) => onConnectionLost?.(error);
    const adapter = new PrismaPg(
      {
        connectionString,
        max: Math.max(1, Math.ceil(size / 2)),
        connectionTimeoutMillis: CONNECT_TIMEOUT_S * 1000,
        application_name: applicationName,
      },
      { onPoolError: lost, onConnectionError: lost },
    );
    if (onStatement === undefined) return new PrismaClient({ adapter });
    const client = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
    client.$on('query', ({ query }) => onStatement({ text: query, parameters: [], via: 'prisma' }));
    return client;
  }
}
