import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startOf } from './process.identity';

interface Owner {
  readonly pid: number;
  /** When that process started: its number alone may have gone to another one. */
  readonly start: string;
}

/** Says that one process uses a data directory. A killed process leaves its lock, which the next one takes over. */
export class OwnerLock {
  private constructor(private readonly file: string) {}

  /** @throws Error that names the owner, where it is alive. */
  static async acquire(dataDir: string): Promise<OwnerLock> {
    const file = path.join(dataDir, 'owner.lock');
    const mine: Owner = { pid: process.pid, start: (await startOf(process.pid)) ?? '' };
    while (!(await create(file, mine))) {
      const { text, owner } = await read(file);
      if (owner && (await startOf(owner.pid)) === owner.start) {
        throw new Error(`Another Parley (process ${owner.pid}) uses ${dataDir}: stop it, or set another DATA_DIR`);
      }
      await discard(file, text);
    }
    return new OwnerLock(file);
  }

  async release(): Promise<void> {
    await rm(this.file, { force: true });
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

async function read(file: string): Promise<{ text: string; owner?: Owner }> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return { text, owner: JSON.parse(text) as Owner };
  } catch {
    return { text };
  }
}

/** Removes the stale lock that was read; where another process has taken over since, its lock goes back to its place. */
async function discard(file: string, stale: string): Promise<void> {
  const taken = `${file}.${randomUUID()}`;
  try {
    await rename(file, taken);
  } catch {
    return; // somebody else discarded it
  }
  if ((await readFile(taken, 'utf8')) !== stale) await link(taken, file).catch(() => undefined);
  await rm(taken, { force: true });
}
