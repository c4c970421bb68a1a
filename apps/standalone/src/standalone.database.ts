import { EmbeddedDatabase, migrate, MigrationError } from '@parley/database';
import { StartFailure } from '@parley/observability';

/** The PostgreSQL of this process. */
export interface StandaloneDatabase {
  readonly url: string;
  /** Resolves when an embedded server is gone; an operator's own one is left alone. */
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  readonly dataDir: string;
  /** The operator's own PostgreSQL; without it the embedded one is started in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** For an operator's own PostgreSQL; the embedded one always gets the latest schema. */
  readonly migrateOnStart: boolean;
}

/** @throws StartFailure, and AppError `service_unavailable` where PostgreSQL does not answer. Nothing runs then. */
export async function openDatabase(options: DatabaseOptions): Promise<StandaloneDatabase> {
  const { dataDir, databaseUrl, migrateOnStart } = options;
  const database = databaseUrl === undefined ? await startEmbedded(dataDir) : ownDatabase(databaseUrl);
  try {
    if (migrateOnStart || databaseUrl === undefined) await migrate(database.url);
    return database;
  } catch (error) {
    await database.stop();
    throw error instanceof MigrationError ? new StartFailure(error.message, { cause: error }) : error;
  }
}

async function startEmbedded(dataDir: string): Promise<StandaloneDatabase> {
  try {
    return await EmbeddedDatabase.start({ dataDir });
  } catch (cause) {
    throw new StartFailure(cause instanceof Error ? cause.message : 'The embedded PostgreSQL does not start', {
      cause,
    });
  }
}

function ownDatabase(url: string): StandaloneDatabase {
  return { url, stop: () => Promise.resolve() };
}
