import { defineSlice, type SliceOf } from '../slice';
import { flag, integer, url } from '../values';

export const DatabaseConfig = defineSlice('database', {
  url: {
    env: 'DATABASE_URL',
    schema: url(['postgresql', 'postgres']),
    default: 'postgresql://postgres@127.0.0.1:5432/parley',
    description: 'PostgreSQL. The standalone server runs its own where this is unset.',
  },
  poolMax: {
    env: 'DATABASE_POOL_MAX',
    schema: integer(2, 1_000),
    default: '10',
    description:
      'Connections that one process opens at most: at least two, because scheduled messages are held on one and sent on another.',
  },
  statementTimeoutMs: {
    env: 'DATABASE_STATEMENT_TIMEOUT_MS',
    schema: integer(1, 600_000),
    default: '5000',
    description: 'A statement that runs longer is cancelled, in milliseconds.',
  },
  lockTimeoutMs: {
    env: 'DATABASE_LOCK_TIMEOUT_MS',
    schema: integer(1, 600_000),
    default: '2000',
    description: 'A statement that waits longer for a lock is cancelled, in milliseconds.',
  },
  preparedStatements: {
    env: 'DATABASE_PREPARED_STATEMENTS',
    schema: flag,
    default: 'true',
    description:
      'Keep the plans of frequent statements on the connection. `false` behind a PgBouncer in transaction mode before 1.21.',
  },
  migrateOnStart: {
    env: 'MIGRATE_ON_START',
    schema: flag,
    default: 'true',
    description: 'Bring the schema up to date before serving; replicas that start together take turns.',
  },
});
export type DatabaseConfig = SliceOf<typeof DatabaseConfig>;
