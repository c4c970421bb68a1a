import type { Connection } from './connection/connection';
import type { Queryable } from './connection/queryable';

/** One transaction, for as long as the work that it was opened for runs. */
export class Transaction implements Queryable {
  private over = false;

  constructor(private readonly connection: Connection) {}

  query<Row extends object>(name: string, text: string, values?: readonly unknown[]): Promise<Row[]> {
    // A forgotten `await`: the connection may serve somebody else by now.
    if (this.over) return Promise.reject(new Error('The transaction is over'));
    return this.connection.query<Row>(name, text, values);
  }

  /** From now on it refuses statements. */
  end(): void {
    this.over = true;
  }
}
