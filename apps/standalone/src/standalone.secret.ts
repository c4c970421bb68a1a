import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const secretBytes = 32;

/**
 * A secret of this data directory, made at the first start; only the owner may read it. The default one signs and verifies tokens.
 *
 * A process that dies half way leaves none, and two that start at once agree on one.
 */
export async function keptSecret(dataDir: string, name = 'jwt-secret'): Promise<string> {
  const file = path.join(dataDir, name);
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dataDir, { recursive: true });
  await writeFile(draft, randomBytes(secretBytes).toString('base64url'), { mode: 0o600 });
  try {
    await link(draft, file).catch(ignoreExisting);
  } finally {
    await rm(draft);
  }
  return (await readFile(file, 'utf8')).trim();
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
