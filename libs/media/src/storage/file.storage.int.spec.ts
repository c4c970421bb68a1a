import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiskFileStorage } from './disk-file.storage';
import { describeFileStorage } from './file.storage.suite';
import { S3FileStorage } from './s3-file.storage';
import { S3Server } from './s3-server.scene';

describeFileStorage('the storage on disk', async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'parley-disk-'));
  const folder = path.join(parent, 'files');
  return {
    storage: new DiskFileStorage(folder),
    keys: async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))),
    // A file where the folder should be.
    break: async () => {
      await rm(folder, { recursive: true, force: true });
      await writeFile(folder, '');
    },
    close: () => rm(parent, { recursive: true, force: true }),
  };
});

describeFileStorage('the storage on S3', async () => {
  const server = await S3Server.start();
  const storage = new S3FileStorage(server.config);
  return {
    storage,
    keys: () => server.keys(),
    break: () => server.stop(),
    close: async () => {
      storage.close();
      await server.stop();
    },
  };
});
