import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type FileStorage, newStorageKey } from './file.storage';

/** A storage for tests, and what can happen to it. */
export interface StorageScene {
  readonly storage: FileStorage;
  /** The keys of all that it holds. */
  keys(): Promise<string[]>;
  /** From here on it is out of reach, or full. */
  break(): Promise<void>;
  close(): Promise<void>;
}

/** What every storage guarantees. */
export function describeFileStorage(name: string, start: () => Promise<StorageScene>): void {
  describe(name, () => {
    let scene: StorageScene;
    let folder: string;

    beforeEach(async () => {
      scene = await start();
      folder = await mkdtemp(path.join(tmpdir(), 'parley-storage-'));
    });
    afterEach(async () => {
      await scene.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function localFile(bytes: Uint8Array): Promise<string> {
      const file = path.join(folder, randomBytes(8).toString('hex'));
      await writeFile(file, bytes);
      return file;
    }

    async function keep(bytes: Uint8Array): Promise<string> {
      const key = newStorageKey();
      await scene.storage.put(key, await localFile(bytes), 'application/octet-stream');
      return key;
    }

    it.each([
      ['an empty file', 0],
      ['a small file', 11],
      ['a file of several parts', 12 * 1_048_576 + 7],
    ])('gives back %s as it was, and takes the local one away', async (_, size) => {
      const bytes = randomBytes(size);
      const file = await localFile(bytes);
      const key = newStorageKey();
      await scene.storage.put(key, file, 'application/octet-stream');
      expect(existsSync(file)).toBe(false);
      const opened = await scene.storage.open(key);
      expect(opened.size).toBe(size);
      expect((await buffer(opened.body)).equals(bytes)).toBe(true);
    });

    it('gives a range, and says how large the whole is', async () => {
      const bytes = randomBytes(100_000);
      const key = await keep(bytes);
      for (const [start, end] of [
        [0, 4],
        [10, 99],
        [99_990, 99_999],
      ] as const) {
        const opened = await scene.storage.open(key, { start, end });
        expect(opened.size).toBe(bytes.length);
        expect(await buffer(opened.body)).toEqual(bytes.subarray(start, end + 1));
      }
    });

    it('is done with a reader that goes away half way', async () => {
      const key = await keep(randomBytes(5_000_000));
      const { body } = await scene.storage.open(key);
      await new Promise((resolve) => body.once('data', resolve));
      body.destroy();
      expect((await buffer((await scene.storage.open(key)).body)).length).toBe(5_000_000);
    });

    it('knows nothing of a key under which nothing was kept', async () => {
      await expect(scene.storage.open(newStorageKey())).rejects.toMatchObject({ code: 'file_not_found' });
    });

    it('removes what it is told to, as often as it is told, and nothing else', async () => {
      const [gone, other, kept] = [
        await keep(randomBytes(10)),
        await keep(randomBytes(10)),
        await keep(randomBytes(10)),
      ];
      await scene.storage.remove([gone, newStorageKey(), other]);
      await scene.storage.remove([gone, other]);
      await expect(scene.storage.open(gone)).rejects.toMatchObject({ code: 'file_not_found' });
      expect(await scene.keys()).toEqual([kept]);
    });

    it('keeps several files at once', async () => {
      const files = Array.from({ length: 8 }, () => randomBytes(300_000));
      const keys = await Promise.all(files.map(keep));
      for (const [i, key] of keys.entries()) {
        expect((await buffer((await scene.storage.open(key)).body)).equals(files[i] ?? Buffer.alloc(0))).toBe(true);
      }
    });

    it('says when it cannot be reached, and takes nothing then', async () => {
      expect(await scene.storage.isUp()).toBe(true);
      expect(await scene.keys()).toEqual([]);
      const file = await localFile(randomBytes(10));
      await scene.break();
      expect(await scene.storage.isUp()).toBe(false);
      await expect(scene.storage.put(newStorageKey(), file, 'text/plain')).rejects.toMatchObject({
        code: 'service_unavailable',
      });
      expect(existsSync(file)).toBe(false);
    });
  });
}
