import { Logger } from '@nestjs/common';
import pg from 'pg';
import { columnTypes } from './column-types';
import { Connection, type ConnectionOptions } from './connection';
import { unavailable } from './failure';

export interface ConnectionPoolOptions extends Pick<ConnectionOptions, 'preparedStatements'> {
  /** `postgresql://user:password@host:port/database`; `?options=` in it is kept, and wins. */
  readonly url: string;
  /** Connections at most. */
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** How long a caller waits for a connection, be it a new one or a busy one. */
const acquireTimeoutMs = 3_000;

/** How long an unused connection stays. */
const idleTimeoutMs = 60_000;

/** A hung process must not hold a conversation's lock for ever. */
const idleInTransactionTimeoutMs = 10_000;

/**
 * What a page costs that is not the next one, by PostgreSQL's measure. Its default is that of a disk that has to turn, with
 * which it reads small tables from end to end, row by row of a batch; what is hot is in memory. A `?options=` in the URL wins.
 */
const randomPageCost = 1.1;

/** The server ends a statement in time; so much later it is the server, or the network, that is silent. */
const silenceMarginMs = 2_000;

/** The process's connections to PostgreSQL: bounded in number, in waiting, and in what a statement may take. */
export class ConnectionPool {
  /** For the Prisma client, which runs on the same connections; a server that is silent it waits for. */
  readonly driver: pg.Pool;
  private readonly logger = new Logger(ConnectionPool.name);
  private readonly connectionOptions: ConnectionOptions;

  constructor(options: ConnectionPoolOptions) {
    const { preparedStatements, statementTimeoutMs } = options;
    this.connectionOptions = { preparedStatements, silenceMs: statementTimeoutMs + silenceMarginMs };
    this.driver = new pg.Pool(toPoolConfig(options));
    // A connection that breaks is replaced at its next use. Without listeners its error would end the process: the pool's
    // is for connections that nobody holds, the client's for the time between two statements of a transaction.
    this.driver.on('error', (error) => this.logger.warn(`lost an idle connection to PostgreSQL: ${error.message}`));
    this.driver.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Lends a connection to `work`, for as long as it runs.
   *
   * @throws AppError `service_unavailable` when there is none within 3 s: none free, or PostgreSQL refuses.
   */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }

  /** Waits until all are given back, and closes them. */
  async close(): Promise<void> {
    if (!this.driver.ending) await this.driver.end();
  }

  private async acquire(): Promise<Connection> {
    try {
      return new Connection(await this.driver.connect(), this.connectionOptions);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function toPoolConfig(options: ConnectionPoolOptions): pg.PoolConfig {
  const url = new URL(options.url);
  const given = url.searchParams.get('options');
  url.searchParams.delete('options'); // else it would replace ours, not add to them
  return {
    connectionString: url.href,
    options: [startupOptions(options), given].filter(Boolean).join(' '),
    max: options.poolMax,
    connectionTimeoutMillis: acquireTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    keepAlive: true,
    types: columnTypes,
    // Prisma reads and writes times as if the session's zone were UTC. Unlike the timeouts above, poolers in transaction
    // mode keep this setting with the client.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool awaits it; its types do not say so
    onConnect: (client) =>
      client.query({ text: "SET TIME ZONE 'UTC'", query_timeout: acquireTimeoutMs } as pg.QueryConfig),
  };
}

function startupOptions({ statementTimeoutMs, lockTimeoutMs }: ConnectionPoolOptions): string {
  return [
    `-c statement_timeout=${statementTimeoutMs}`,
    `-c lock_timeout=${lockTimeoutMs}`,
    `-c idle_in_transaction_session_timeout=${idleInTransactionTimeoutMs}`,
    `-c random_page_cost=${randomPageCost}`,
  ].join(' ');
}
