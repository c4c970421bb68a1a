import type pg from 'pg';
import { isConnectionLost, toQueryFailure } from './failure';
import type { Queryable } from './queryable';

/** One connection to PostgreSQL while somebody holds it. */
export class Connection implements Queryable {
  private lost = false;

  constructor(
    private readonly client: pg.PoolClient,
    private readonly preparedStatements: boolean,
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
      return await this.client.query(
        name !== '' && this.preparedStatements ? { name, text, values: parameters } : { text, values: parameters },
      );
    } catch (error) {
      this.lost ||= isConnectionLost(error);
      throw toQueryFailure(error);
    }
  }
}
