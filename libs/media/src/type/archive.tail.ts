import { open } from 'node:fs/promises';

const endOfDirectory = Buffer.from('PK\u0005\u0006');
const endBytes = 22;
const maxCommentBytes = 65_535;

/**
 * Does a file end as a ZIP archive does? Readers of archives look there and nowhere else: a file that begins as something
 * else and ends so is two files in one.
 */
export async function endsAsArchive(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Math.min(size, endBytes + maxCommentBytes);
    const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, size - bytes);
    for (
      let at = buffer.lastIndexOf(endOfDirectory);
      at >= 0;
      at = at === 0 ? -1 : buffer.lastIndexOf(endOfDirectory, at - 1)
    ) {
      if (at + endBytes <= bytes && at + endBytes + buffer.readUInt16LE(at + 20) === bytes) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}
