import type { Connection } from './connection/connection';
import { ConnectionPool, type ConnectionPoolOptions } from './connection/connection.pool';
import type { Queryable } from './connection/queryable';
import { Transaction } from './transaction';

const defaults = { poolMax: 10, statementTimeoutMs: 5_000, lockTimeoutMs: 2_000, preparedStatements: true };

/** PostgreSQL, for statements written by hand. */
export class Database implements Queryable {
  constructor(private readonly pool: ConnectionPool) {}

  /** For tools and tests; in Nest, the DatabaseModule gives the one that the configuration names. Connects at first use. */
  static connect(options: Pick<ConnectionPoolOptions, 'url'> & Partial<ConnectionPoolOptions>): Database {
    return new Database(new ConnectionPool({ ...defaults, ...options }));
  }

  query<Row extends object>(name: string, text: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.pool.use((connection) => connection.query<Row>(name, text, values));
  }

  /**
   * Runs `work` in a transaction (read committed): what it writes is committed when this resolves, and undone when `work`
   * rejects.
   *
   * @throws what `work` throws; AppError `service_unavailable` as {@link Queryable.query} does. When it comes from the
   *   commit itself, the outcome is unknown.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.pool.use(async (connection) => {
      await connection.command('BEGIN');
      const tx = new Transaction(connection);
      try {
        const result = await work(tx);
        tx.end();
        await commit(connection);
        return result;
      } catch (error) {
        tx.end();
        await connection.rollback();
        throw error;
      }
    });
  }

  /** Runs `read` on the database as it stands at one moment; it can write nothing. */
  snapshot<T>(read: (snapshot: Queryable) => Promise<T>): Promise<T> {
    return this.transaction(async (tx) => {
      await tx.query('', 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      return read(tx);
    });
  }

  /** Does PostgreSQL answer? */
  async isUp(): Promise<boolean> {
    try {
      await this.query('', 'SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  /** Can something be committed? Not on a standby, not where the server lets nobody write. Never rejects. */
  async takesWrites(): Promise<boolean> {
    try {
      const rows = await this.query<{ id: number }>(
        '',
        'UPDATE deployment SET epoch = epoch WHERE deployment.id = 1 RETURNING deployment.id',
      );
      return rows.length === 1;
    } catch {
      return false;
    }
  }

  /** Waits for the statements in flight, and closes all connections. */
  close(): Promise<void> {
    return this.pool.close();
  }
}

/** After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and no error: `work` caught one that it may not. */
async function commit(connection: Connection): Promise<void> {
  if ((await connection.command('COMMIT')) === 'ROLLBACK') {
    throw new Error('The transaction was rolled back: one of its statements failed, and its error was not passed on');
  }
}
