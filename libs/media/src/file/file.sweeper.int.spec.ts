import { outgoing, EventBus } from '@parley/bus';
import { type FileId, FilesReleased, DescribeFiles } from '@parley/contracts';
import { aPng, aText } from '@parley/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { alice, conversationId, MediaScene } from '../media.scene';
import { FileStorage, newStorageKey } from '../storage/file.storage';
import { FileRepository, type NewFile } from './file.repository';
import { FileSweeper } from './file.sweeper';

describe('files that nobody holds', () => {
  let scene: MediaScene;

  beforeEach(async () => {
    scene = await MediaScene.start();
  });
  afterEach(() => scene.close());

  /** As if this much time had passed. */
  const pass = (interval: string) =>
    scene.database.query('', 'UPDATE files SET sweep_at = sweep_at - $1::interval', [interval]);
  const sweep = () => scene.get(FileSweeper).sweep();
  const describe = (id: FileId) => scene.rpc.call(DescribeFiles, { ownerId: alice, conversationId, fileIds: [id] });

  it('are swept a day after they were uploaded, and those that a message has stay', async () => {
    const [kept, dropped] = [await scene.uploadOne(aPng()), await scene.uploadOne(aPng())];
    scene.messaging.attached.add(kept.id);
    await pass('23 hours 59 minutes');
    await sweep();
    expect(await scene.countRows()).toBe(2);
    await pass('1 minute');
    await sweep();
    // Doomed: it cannot be sent any more, and goes when sends that were told of it before have ended.
    expect(await scene.countRows()).toBe(2);
    await expect(describe(dropped.id)).rejects.toMatchObject({ code: 'attachment_not_found' });
    await pass('1 minute');
    await sweep();
    expect(await scene.countRows()).toBe(1);
    expect(await scene.storedFiles()).toHaveLength(2);
    await expect(describe(kept.id)).resolves.toMatchObject({ attachments: [kept] });
  });

  it('stay where a send was quicker than the sweep', async () => {
    const { id } = await scene.uploadOne(aText());
    await pass('1 day');
    await sweep();
    scene.messaging.attached.add(id);
    await pass('1 minute');
    await sweep();
    await pass('1 day');
    await sweep();
    expect([await scene.countRows(), (await scene.storedFiles()).length]).toEqual([1, 1]);
  });

  it('stay while nobody can tell whether they are held', async () => {
    await scene.uploadOne(aText());
    await pass('1 day');
    scene.messaging.isDown = true;
    await expect(sweep()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await scene.countRows()).toBe(1);
  });

  it('are each looked after by one process', async () => {
    await scene.upload(Array.from({ length: 10 }, () => aText()));
    await pass('1 day');
    const repository = scene.get(FileRepository);
    const claims = await Promise.all(Array.from({ length: 4 }, () => repository.claimDue(3)));
    const ids = claims.flat().map(({ id }) => id);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
    expect(await repository.claimDue(10)).toEqual([]);
  });

  it('are swept where a process died while it stored them', async () => {
    const key = newStorageKey();
    const file: NewFile = {
      id: crypto.randomUUID() as FileId,
      conversationId,
      uploaderId: alice,
      kind: 'file',
      fileName: 'a.txt',
      mimeType: 'text/plain',
      size: 1,
      storageKey: key,
      thumbnailKey: null,
      compressedKey: null,
      width: null,
      height: null,
      duration: null,
      waveform: null,
    };
    await scene.get(FileRepository).insertPending([file]);
    await expect(describe(file.id)).rejects.toMatchObject({ code: 'attachment_not_found' });
    await pass('1 hour');
    await sweep();
    expect(await scene.countRows()).toBe(0);
    await expect(scene.get(FileStorage).open(key)).rejects.toMatchObject({ code: 'file_not_found' });
  });

  it('go at once when a deleted message lets go of them, however often that is told', async () => {
    const [gone, held] = [await scene.uploadOne(aPng()), await scene.uploadOne(aText())];
    scene.messaging.attached.add(held.id);
    const payload = { v: 1 as const, conversationId, fileIds: [gone.id, held.id] };
    const events = [outgoing(FilesReleased, conversationId, payload)];
    for (const dedupId of ['1', '2']) await scene.get(EventBus).publish(events, { dedupId });
    while ((await scene.countRows()) > 1) await delay(10);
    expect(await scene.storedFiles()).toHaveLength(1);
    await scene.get(FileSweeper).release([gone.id]);
    await expect(describe(held.id)).resolves.toMatchObject({ attachments: [held] });
  });
});
