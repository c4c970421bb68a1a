import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AuthoriseFile, DescribeFiles, FileId, type UserId } from '@parley/contracts';
import { aJpeg, aPdf, aPng, aText } from '@parley/testing';
import { alice, bob, conversationId, MediaScene } from '../media.scene';
import { type DownloadRequest, DownloadService } from './download.service';

describe('a file', () => {
  let scene: MediaScene;

  beforeAll(async () => {
    scene = await MediaScene.start();
  });
  afterAll(() => scene.close());
  afterEach(() => {
    scene.messaging.isDown = false;
  });

  const open = (fileId: FileId, userId: UserId | null, request: Partial<DownloadRequest> = {}) =>
    scene.get(DownloadService).open({ fileId, userId, variant: 'original', isHead: false, headers: {}, ...request });

  it("is the participants' of its conversation, and nobody's once its message is deleted", async () => {
    const { id } = await scene.uploadOne(aText());
    const mallory = 'mallory' as UserId;
    const read = async (userId: UserId | null) => {
      try {
        return (await buffer((await open(id, userId)).body ?? Readable.from([]))).toString();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const text = 'Hello, whoever reads this.\n';
    expect([await read(alice), await read(bob), await read(mallory)]).toEqual([text, text, 'not_a_participant']);
    expect(await read(null)).toBe(text);
    scene.messaging.deleted.add(id);
    expect([await read(alice), await read(bob), await read(null)]).toEqual(Array(3).fill('file_not_found'));
    scene.messaging.isDown = true;
    expect(await read(alice)).toBe('service_unavailable');
  });

  it('is described to whoever uploaded it there, in the order that is asked for', async () => {
    const [one, two] = await scene.upload([aPng(), aPdf()]);
    if (!one || !two) throw new Error('missing');
    const ask = (ownerId: UserId, fileIds: FileId[]) =>
      scene.rpc.call(DescribeFiles, { ownerId, conversationId, fileIds });
    expect((await ask(alice, [two.id, one.id])).attachments).toEqual([two, one]);
    await expect(ask(bob, [one.id])).rejects.toMatchObject({ code: 'attachment_not_found' });
    const unknown = FileId.parse(crypto.randomUUID());
    await expect(ask(alice, [one.id, unknown])).rejects.toMatchObject({
      code: 'attachment_not_found',
      issues: [{ path: 'attachment_ids.1' }],
    });
    expect((await scene.rpc.call(AuthoriseFile, { userId: alice, fileId: one.id })).attachment).toEqual(one);
  });

  it('has an ETag and a size without being read', async () => {
    const { id, file_size: size } = await scene.uploadOne(aPdf());
    const head = await open(id, alice, { isHead: true });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, String(size), null]);
    const etag = head.headers['etag'] ?? '';
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      expect(await open(id, alice, { headers: { 'if-none-match': known } })).toMatchObject({ status: 304, body: null });
    }
    expect((await open(id, alice, { isHead: true, headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  it('has the variants that were made of it', async () => {
    const { id } = await scene.uploadOne(aJpeg());
    const thumbnail = await open(id, alice, { variant: 'thumbnail', headers: { range: 'bytes=0-3' } });
    expect(thumbnail).toMatchObject({
      status: 200,
      headers: { 'content-type': 'image/webp', 'accept-ranges': 'none' },
    });
    expect((await buffer(thumbnail.body ?? Readable.from([]))).subarray(8, 12).toString()).toBe('WEBP');
    await expect(open(id, alice, { variant: 'compressed' })).rejects.toMatchObject({ code: 'file_not_found' });
    const document = await scene.uploadOne(aPdf());
    await expect(open(document.id, alice, { variant: 'thumbnail' })).rejects.toMatchObject({ code: 'file_not_found' });
  });

  it('is missing where its bytes are', async () => {
    const { id } = await scene.uploadOne(aPdf());
    const folder = path.join(scene.folder, 'media', 'files');
    for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true });
    await expect(open(id, alice)).rejects.toMatchObject({ code: 'file_not_found' });
  });
});
