import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** More than file systems find room for when they are full. */
const probeBytes = 65_536;

/**
 * Does what is written to a folder come back? The folder is made where it is not there; nothing is left of the question, but
 * what a crash leaves. Never rejects.
 */
export async function takesFiles(folder: string): Promise<boolean> {
  const file = path.join(folder, `probe-${randomBytes(8).toString('hex')}`);
  const bytes = randomBytes(probeBytes);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, bytes, { flag: 'wx' });
    return (await readFile(file)).equals(bytes);
  } catch {
    return false;
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}
