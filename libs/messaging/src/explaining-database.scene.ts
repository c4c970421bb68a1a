import type { Database, Queryable } from '@parley/database';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Runs statements, and collects the tables that their plans read from end to end, the indexes that they use, and their steps. */
export class ExplainingDatabase implements Queryable {
  readonly scanned = new Set<string>();
  readonly indexes = new Set<string>();
  readonly steps = new Set<string>();

  constructor(private readonly database: Database) {}

  async query<Row extends object>(name: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const [row] = await this.database.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
      '',
      `EXPLAIN (FORMAT JSON) ${text}`,
      values,
    );
    for (const { Plan } of row?.['QUERY PLAN'] ?? []) this.collect(Plan);
    return this.database.query<Row>(name, text, values);
  }

  snapshot<T>(read: (snapshot: Queryable) => Promise<T>): Promise<T> {
    return read(this);
  }

  private collect(node: PlanNode): void {
    this.steps.add(node['Node Type']);
    if (node['Node Type'] === 'Seq Scan') this.scanned.add(node['Relation Name'] ?? '');
    if (node['Index Name'] !== undefined) this.indexes.add(node['Index Name']);
    node.Plans?.forEach((child) => this.collect(child));
  }
}
