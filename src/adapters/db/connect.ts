import { PrismaPg } from '@prisma/adapter-pg';
import type { ISql, Sql } from 'postgres';
import { beginUnlessCut } from './cut-connections';
import { driver } from './driver';
import { PrismaClient } from './generated/client';

/** Connections to one database: Prisma for what is read row by row, postgres.js for what is read or written in bulk. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly sql: Sql;
  /** One connection of its own, for statements that begin and end transactions themselves. */
  readonly single: Sql;
  /** Runs a statement of `sql` and has its time taken; transactions and what Prisma runs are timed anyway. */
  readonly timed: Timed;
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
  /** Hears how long each statement that reads, and each transaction, took, ms. */
  readonly onSqlTime?: (ms: number) => void;
  /** Hears of connections lost while idle. The next statement opens a new one. */
  readonly onConnectionLost?: (error: Error) => void;
}

export interface SentStatement {
  readonly text: string;
  /** Empty for those of Prisma. */
  readonly parameters: readonly unknown[];
  readonly via: 'postgres' | 'prisma';
}

type Timed = <T>(work: () => Promise<T>) => Promise<T>;

const CONNECT_TIMEOUT_S = 10;
/** It is used once a minute or so. */
const SINGLE_IDLE_S = 5;

/** Connects when the first statement is sent. Statements under way when the server goes down are rejected; later ones reconnect. */
export function connectDatabase(url: string, options: ConnectOptions): Database {
  const { poolSize, applicationName = 'simfaasinfer', onStatement, onConnectionLost } = options;
  const given = {
    connect_timeout: CONNECT_TIMEOUT_S,
    connection: { application_name: applicationName },
    onnotice: () => {},
  };
  const sql = driver(url, {
    ...given,
    max: poolSize,
    ...(onStatement === undefined
      ? {}
      : {
          debug: (_: number, text: string, parameters: unknown[]) =>
            onStatement({ text, parameters, via: 'postgres' }),
        }),
  });
  const timed = createTimed(options.onSqlTime);
  const single = driver(url, { ...given, max: 1, idle_timeout: SINGLE_IDLE_S });
  const begin = beginUnlessCut(sql) as (...args: unknown[]) => Promise<unknown>;
  sql.begin = ((...args: unknown[]) => timed(() => begin(...args))) as typeof sql.begin;
  const prisma = connectPrisma(url, options);
  return {
    prisma,
    sql,
    single,
    timed,
    async close() {
      await Promise.all([sql.end({ timeout: 5 }), single.end({ timeout: 5 }), prisma.$disconnect()]);
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
    const { onSqlTime } = options;
    if (onStatement === undefined && onSqlTime === undefined) return new PrismaClient({ adapter });
    const client = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
    client.$on('query', ({ query, duration }) => {
      onStatement?.({ text: query, parameters: [], via: 'prisma' });
      onSqlTime?.(duration);
    });
    return client;
  }
}

/** A statement that fails has its time too. */
function createTimed(onSqlTime: ((ms: number) => void) | undefined): Timed {
  if (onSqlTime === undefined) return (work) => work();
  return async (work) => {
    const began = performance.now();
    try {
      return await work();
    } finally {
      onSqlTime(performance.now() - began);
    }
  };
}
