import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startOf } from './process.identity';

/** A takeover is a matter of milliseconds. */
const maxTurnMs = 10_000;
const retryMs = 20;

interface Owner {
  readonly pid: number;
  /** When that process started: its number alone may have gone to another one. */
  readonly start: string;
}

/** Says that one process uses a data directory. A killed process leaves its lock, which the next one takes over. */
export class OwnerLock {
  private isHeld = true;

  private constructor(private readonly file: string) {}

  /** @throws Error that names the owner, where it is alive. */
  static async acquire(dataDir: string): Promise<OwnerLock> {
    const file = path.join(dataDir, 'owner.lock');
    const mine: Owner = { pid: process.pid, start: (await startOf(process.pid)) ?? '' };
    while (!(await create(file, mine))) {
      const owner = await livingOwner(file);
      if (owner) {
        throw new Error(`Another Parley (process ${owner.pid}) uses ${dataDir}: stop it, or set another DATA_DIR`);
      }
      await discardStale(file);
    }
    return new OwnerLock(file);
  }

  /** May be called again: by then the file may be another process'. */
  async release(): Promise<void> {
    if (!this.isHeld) return;
    this.isHeld = false;
    await rm(this.file, { force: true });
  }

  /** {@link release} for the last moment of a process, when nothing can be awaited. */
  releaseNow(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    rmSync(this.file, { force: true });
  }
}

/** @returns false where the file exists. It appears whole: a reader never sees half of it. */
async function create(file: string, owner: Owner): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** @returns undefined where the lock is gone, unreadable, or its owner is. */
async function livingOwner(file: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(file, 'utf8')) as Owner;
    return (await startOf(owner.pid)) === owner.start ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes a lock without a living owner. One process at a time does so, and looks again before: by now the lock may be that
 * of another one that took over.
 */
async function discardStale(file: string): Promise<void> {
  const turn = `${file}.takeover`;
  try {
    await mkdir(turn);
  } catch {
    // Killed in the middle of it, a process leaves its turn behind.
    const since = await stat(turn).catch(() => undefined);
    if (since && Date.now() - since.mtimeMs > maxTurnMs) await rmdir(turn).catch(() => undefined);
    await delay(retryMs);
    return;
  }
  try {
    if (!(await livingOwner(file))) await rm(file, { force: true });
  } finally {
    await rmdir(turn);
  }
}
