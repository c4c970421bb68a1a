import { EmbeddedDatabase, migrate, MigrationError } from '@parley/database';
import { StartFailure } from '@parley/observability';

/** The PostgreSQL of this process. */
export interface StandaloneDatabase {
  readonly url: string;
  /** From here on an embedded server that ends by itself is not started again: this process is about to go. */
  retire(): void;
  /** Resolves when an embedded server is gone; an operator's own one is left alone. */
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  readonly dataDir: string;
  /** The operator's own PostgreSQL; without it the embedded one is started in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** For an operator's own PostgreSQL; the embedded one always gets the latest schema. */
  readonly migrateOnStart: boolean;
  /** Told when the embedded server ended by itself and cannot be started again. An operator's own one is awaited for ever. */
  readonly onLost: (error: Error) => void;
}

/** @throws StartFailure, and AppError `service_unavailable` where PostgreSQL does not answer. Nothing runs then. */
export async function openDatabase(options: DatabaseOptions): Promise<StandaloneDatabase> {
  const { databaseUrl, migrateOnStart } = options;
  const database = databaseUrl === undefined ? await startEmbedded(options) : ownDatabase(databaseUrl);
  try {
    if (migrateOnStart || databaseUrl === undefined) await migrate(database.url);
    return database;
  } catch (error) {
    await database.stop();
    throw error instanceof MigrationError ? new StartFailure(error.message, { cause: error }) : error;
  }
}

async function startEmbedded({ dataDir, onLost }: DatabaseOptions): Promise<StandaloneDatabase> {
  try {
    return await EmbeddedDatabase.start({ dataDir, onLost });
  } catch (cause) {
    throw new StartFailure(cause instanceof Error ? cause.message : 'The embedded PostgreSQL does not start', {
      cause,
    });
  }
}

function ownDatabase(url: string): StandaloneDatabase {
  return { url, retire: () => undefined, stop: () => Promise.resolve() };
}
