/** Whatever runs statements: a {@link Database}, or one transaction of it. */
export interface Queryable {
  /**
   * Runs one statement and returns its rows.
   *
   * @param name keeps the plan on the connection as a prepared statement: one name for one text, for the hot statements.
   *   Empty: planned each time.
   * @throws AppError `service_unavailable` when PostgreSQL cannot be reached, is going away, or did not answer in time;
   *   of a write, the outcome is then unknown. Other errors of PostgreSQL pass: {@link sqlState} tells which.
   */
  query<Row extends object>(name: string, text: string, values?: readonly unknown[]): Promise<Row[]>;
}
