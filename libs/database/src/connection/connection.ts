import type pg from 'pg';
import { isConnectionLost, toQueryFailure } from './failure';
import type { Queryable } from './queryable';

/** Shared by all connections of a pool. */
export interface ConnectionOptions {
  /** Named statements stay prepared. Off behind a pooler that cannot follow them (PgBouncer before 1.21). */
  readonly preparedStatements: boolean;
  /** An answer that takes longer never comes, in milliseconds: what may take long the server ends itself, in less. */
  readonly silenceMs: number;
}

/** One connection to PostgreSQL while somebody holds it. */
export class Connection implements Queryable {
  private lost = false;

  constructor(
    private readonly client: pg.PoolClient,
    private readonly options: ConnectionOptions,
  ) {}

  query<Row extends object>(name: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.run(name, text, values).then((result) => result.rows as Row[]);
  }

  /** @returns the command as the server completed it: a COMMIT that could not be is a `ROLLBACK`. */
  command(text: string): Promise<string> {
    return this.run('', text, []).then((result) => result.command);
  }

  /** Never fails: a transaction on a lost connection, PostgreSQL rolls back by itself. */
  async rollback(): Promise<void> {
    if (!this.lost) await this.command('ROLLBACK').catch(() => undefined);
  }

  /** Gives it back to the pool, or closes it where it broke. An SQL error breaks nothing. */
  release(): void {
    this.client.release(this.lost);
  }

  private async run(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<pg.QueryResultRow>> {
    const parameters = values as unknown[];
    try {
      return await this.submit(
        name !== '' && this.options.preparedStatements
          ? { name, text, values: parameters }
          : { text, values: parameters },
      );
    } catch (error) {
      this.lost ||= isConnectionLost(error);
      throw toQueryFailure(error);
    }
  }

  /**
   * Neither by pg's promise nor with its timeout: for each it writes `query.callback = (…) => …`. V8 takes a function that
   * is written into a property for one that stays, and puts it where only a full collection looks; all rows of the query
   * would wait for that.
   */
  private submit(query: pg.QueryConfig): Promise<pg.QueryResult<pg.QueryResultRow>> {
    return new Promise((resolve, reject) => {
      const { silenceMs } = this.options;
      const silence = setTimeout(() => reject(new Error(`no answer within ${silenceMs} ms`)), silenceMs);
      this.client.query(query, (error: Error | null, result) => {
        clearTimeout(silence);
        if (error) reject(error);
        else resolve(result);
      });
    });
  }
}
