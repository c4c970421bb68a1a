import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { HealthService } from '@parley/observability';
import { aJpeg, aPdf, aPng } from '@parley/testing';
import { DownloadService } from '../download/download.service';
import { alice, MediaScene } from '../media.scene';
import { S3Server } from './s3-server.scene';

/** A folder that cannot be written to, because it is a file. */
async function block(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  await writeFile(folder, '');
}

describe('uploads', () => {
  it('are kept in S3 where that is configured, under keys that say nothing', async () => {
    const server = await S3Server.start();
    const scene = await MediaScene.start(server.environment);
    try {
      const { id } = await scene.uploadOne(aPdf());
      await scene.uploadOne(aJpeg());
      expect(await scene.storedFiles()).toEqual([]);
      const keys = await server.keys();
      expect(keys).toHaveLength(3);
      for (const key of keys) expect(key).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{32}$/);
      const request = { fileId: id, variant: 'original', userId: alice, isHead: false } as const;
      const { body } = await scene.get(DownloadService).open({ ...request, headers: { range: 'bytes=1-3' } });
      expect(body && (await buffer(body)).toString()).toBe('PDF');
    } finally {
      await scene.close();
      await server.stop();
    }
  });

  it('are unavailable, and leave nothing, while the storage is', async () => {
    const server = await S3Server.start();
    const scene = await MediaScene.start(server.environment);
    try {
      await server.stop();
      await expect(scene.upload([aPdf(), aJpeg()])).rejects.toMatchObject({ code: 'service_unavailable' });
      expect(await scene.storedFiles()).toEqual([]);
    } finally {
      await scene.close();
    }
  });

  it.each(['media/files', 'media/incoming'])(
    'are unavailable, leave nothing, and health tells, while %s is',
    async (folder) => {
      const scene = await MediaScene.start();
      try {
        const storageOf = async () => (await scene.get(HealthService).examine()).checks['storage']?.status;
        const blocked = path.join(scene.folder, folder);
        await block(blocked);
        expect(await storageOf()).toBe('down');
        await expect(scene.upload([aPdf(), aJpeg()])).rejects.toMatchObject({ code: 'service_unavailable' });
        expect(await scene.storedFiles()).toEqual([blocked]);
        // Rows whose bytes could not be removed either are swept later; nobody sees them.
        expect(await scene.database.query('', `SELECT id FROM files WHERE state <> 'pending'`)).toEqual([]);
        await rm(blocked);
        expect(await scene.upload([aPdf(), aJpeg()])).toHaveLength(2);
        // A bad answer holds for a moment.
        while ((await storageOf()) !== 'up') await delay(50);
      } finally {
        await scene.close();
      }
    },
  );
});

describe('what a deployment allows', () => {
  it('narrows types and sizes', async () => {
    const scene = await MediaScene.start({ ALLOWED_FILE_TYPES: 'image/jpg, application/pdf', MAX_FILE_SIZE: '600' });
    try {
      expect(await scene.upload([aPdf()])).toHaveLength(1);
      await expect(
        scene.upload([{ ...aPdf(), bytes: Buffer.concat([aPdf().bytes, Buffer.alloc(600)]) }]),
      ).rejects.toMatchObject({ code: 'file_too_large' });
      const { name, type } = aPdf();
      await expect(scene.upload([{ name, type, bytes: Buffer.from('text') }])).rejects.toMatchObject({
        code: 'file_type_not_allowed',
        message: 'File type not allowed. Allowed types: image/jpeg, application/pdf',
      });
    } finally {
      await scene.close();
    }
  });

  it('may be pictures of a bounded size only, instead of originals', async () => {
    const scene = await MediaScene.start({ KEEP_ORIGINAL_IMAGES: 'false' });
    try {
      const picture = await scene.uploadOne(aPng({ width: 3_000, height: 1_500 }));
      expect(picture).toMatchObject({ width: 2_048, height: 1_024, mime_type: 'image/png', compressed_url: null });
    } finally {
      await scene.close();
    }
  });
});
