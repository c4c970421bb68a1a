import { MessageCreated, ScheduleMessage } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { FakeMedia } from '../media.fake';
import { codeOf, startMessaging } from '../messaging.scene';
import { OutboxRelay } from '../outbox/outbox.relay';
import { ScheduleScene } from './schedule.scene';

jest.setTimeout(60_000);

let scene: ScheduleScene;
beforeAll(async () => {
  scene = await ScheduleScene.start();
});
afterAll(() => scene.close());
beforeEach(() => scene.newConversation());

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('a message that is due', () => {
  it('is sent as it was scheduled', async () => {
    const { message: root } = await scene.send({ conversationId: scene.id, content: 'root' });
    const file = scene.here.get(FakeMedia).upload(scene.alice, scene.id);
    await scene.schedule({
      content: 'hi @bob',
      key: { by: 'client', id: 'mine' },
      metadata: { a: 1 },
      replyToId: root.id,
      threadRootId: root.id,
      attachmentIds: [file.id],
    });
    await scene.makeDue();
    expect(await scene.sweep()).toBe(1);
    const [, created] = scene.bus.of(MessageCreated, scene.id);
    expect(created?.message.value).toMatchObject({
      sender_id: scene.alice,
      content: 'hi @bob',
      client_message_id: 'mine',
      metadata: { a: 1 },
      reply_to_content: 'root',
      thread_root_id: root.id,
      mentions: [scene.bob],
      attachments: [file],
    });
    expect((await scene.list()).messages).toEqual([]);
  });

  it('leaves its sender’s cursor where it was', async () => {
    await scene.send({ conversationId: scene.id, senderId: scene.bob });
    await scene.schedule();
    await scene.makeDue();
    await scene.sweep();
    const rows = await scene.database.query(
      `SELECT last_read_seq::int4, last_delivered_seq::int4 FROM participants WHERE conversation_id = $1 AND user_id = 'alice'`,
      [scene.id],
    );
    expect(rows).toEqual([{ last_read_seq: 0, last_delivered_seq: 0 }]);
    const sent = await scene.database.query(
      'SELECT is_scheduled FROM messages WHERE conversation_id = $1 ORDER BY seq',
      [scene.id],
    );
    expect(sent).toEqual([{ is_scheduled: false }, { is_scheduled: true }]);
  });

  it('is sent once, whichever process finds it, and those of one sender in their order', async () => {
    const at = (n: number) => new Date(Date.now() + 3_600_000 + n).toISOString();
    await Promise.all(upTo(250).map((n) => scene.schedule({ content: String(n), sendAt: at(n) })));
    await scene.makeDue();
    const settled = await Promise.all([scene.sweep(scene.here), scene.sweep(scene.there), scene.sweep(scene.here)]);
    expect(settled.reduce((sum, count) => sum + count)).toBe(250);
    const sent = (await scene.contents()).map(Number);
    expect([...sent].sort((a, b) => a - b)).toEqual(upTo(250));
  });

  it('is sent in order by one process', async () => {
    const at = (n: number) => new Date(Date.now() + 3_600_000 + n).toISOString();
    await Promise.all(upTo(150).map((n) => scene.schedule({ content: n % 7 ? `${n}` : `${n} @bob`, sendAt: at(n) })));
    await scene.makeDue();
    await scene.sweep();
    expect((await scene.contents()).map((content) => parseInt(content, 10))).toEqual(upTo(150));
  });

  it('is not sent again by one who finds it after a crash between the send and its note', async () => {
    const { id: scheduledId } = await scene.schedule({ content: 'once' });
    await scene.makeDue();
    await scene.sweep(scene.there);
    // As a process leaves it that ends before its commit.
    await scene.database.query('UPDATE scheduled_messages SET settled_at = NULL WHERE id = $1', [scheduledId]);
    expect(await codeOf(scene.cancel(scheduledId))).toBe('scheduled_already_sent');
    expect(await scene.sweep(scene.here)).toBe(1);
    expect([await scene.contents(), scene.failures()]).toEqual([['once'], []]);
  });

  it('waits for what is away, and holds up nothing behind it', async () => {
    const file = scene.here.get(FakeMedia).upload(scene.alice, scene.id);
    await scene.schedule({ content: 'with a file', attachmentIds: [file.id] });
    await scene.schedule({
      content: 'plain',
      senderId: scene.bob,
      sendAt: new Date(Date.now() + 3_700_000).toISOString(),
    });
    await scene.makeDue();
    // Of these two processes one has no service for files.
    expect(await scene.sweep(scene.there)).toBe(1);
    expect([await scene.contents(), (await scene.list()).messages.length, scene.failures()]).toEqual([
      ['plain'],
      1,
      [],
    ]);
    expect(await scene.sweep(scene.here)).toBe(1);
    expect(await scene.contents()).toEqual(['plain', 'with a file']);
  });

  it('is due by the clock of the database', async () => {
    await scene.schedule();
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 7_200_000);
    const settled = await scene.sweep();
    now.mockRestore();
    expect(settled).toBe(0);
  });
});

describe('a message that can no longer be sent', () => {
  it.each([
    [
      'left',
      'not_a_participant',
      `UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'alice'`,
    ],
    [
      'was muted',
      'participant_muted',
      `UPDATE participants SET is_muted = true WHERE conversation_id = $1 AND user_id = 'alice'`,
    ],
    [
      'was blocked',
      'user_blocked',
      `UPDATE participants SET is_blocked = true WHERE conversation_id = $1 AND user_id = 'alice'`,
    ],
    [
      'has no conversation any more',
      'conversation_not_found',
      `UPDATE conversations SET deleted_at = now() WHERE id = $1`,
    ],
  ])('because its sender %s is told to the sender alone, once', async (_why, code, change) => {
    const scheduled = await scene.schedule({ content: 'too late' });
    await scene.database.query(change, [scene.id]);
    await scene.makeDue();
    expect(await scene.sweep()).toBe(1);
    expect(await scene.sweep(scene.there)).toBe(0);
    expect(scene.failures()).toMatchObject([
      { userId: scene.alice, scheduled: { id: scheduled.id, content: 'too late', status: 'failed' }, code },
    ]);
    expect(scene.failures()[0]?.reason).not.toBe('');
    expect(await scene.contents()).toEqual([]);
  });

  describe('because its sender is banned', () => {
    const setBan = (bannedAt: string) =>
      scene.database.query(`UPDATE users SET banned_at = ${bannedAt} WHERE id = $1`, [scene.alice]);

    afterEach(() => setBan('NULL'));

    it('is told as such', async () => {
      await scene.schedule({ content: 'spam' });
      await setBan('now()');
      await scene.makeDue();
      expect(await scene.sweep()).toBe(1);
      expect([await scene.contents(), scene.failures()]).toMatchObject([[], [{ code: 'user_banned' }]]);
    });

    it('is not told as such where it was sent before, and a crash kept that from being noted', async () => {
      const { id } = await scene.schedule({ content: 'in time' });
      await scene.makeDue();
      await scene.sweep();
      await scene.database.query('UPDATE scheduled_messages SET settled_at = NULL WHERE id = $1', [id]);
      await setBan('now()');
      expect(await scene.sweep()).toBe(1);
      expect([await scene.contents(), scene.failures()]).toEqual([['in time'], []]);
    });
  });

  it('is told later where the broker did not take it at once', async () => {
    await scene.schedule();
    await scene.changeAlice('is_muted = true');
    await scene.makeDue();
    jest.spyOn(scene.bus, 'publish').mockRejectedValueOnce(new AppError('service_unavailable'));
    await scene.sweep();
    expect(scene.failures()).toEqual([]);
    await scene.there.get(OutboxRelay).relayOnce(0);
    expect(scene.failures()).toMatchObject([{ code: 'participant_muted' }]);
  });
});

it('is forgotten some days after it was sent, and not before: what it said, and never its key', async () => {
  const request = scene.request({ content: 'old', metadata: { a: 1 } });
  const { scheduled: old } = await scene.here.rpc.call(ScheduleMessage, request);
  const young = await scene.schedule({ content: 'young' });
  await scene.makeDue();
  await scene.sweep();
  await scene.database.query(`UPDATE scheduled_messages SET settled_at = now() - interval '8 days' WHERE id = $1`, [
    old.id,
  ]);
  const process = await startMessaging(scene.database.url, scene.bus, { env: { SCHEDULE_INTERVAL_MS: '50' } });
  const left = `SELECT id::text FROM scheduled_messages WHERE conversation_id = $1 AND draft IS NOT NULL`;
  while ((await scene.database.query(left, [scene.id])).length > 1);
  expect(await scene.database.query(left, [scene.id])).toEqual([{ id: young.id }]);
  const again = await process.rpc.call(ScheduleMessage, request);
  expect(again).toMatchObject({ duplicate: true, scheduled: { id: old.id, content: 'old', metadata: { a: 1 } } });
  await process.close();
});

it('is sent by a process that is started when it is due', async () => {
  await scene.schedule({ content: 'after a restart' });
  await scene.makeDue();
  const process = await startMessaging(scene.database.url, scene.bus, { env: { SCHEDULE_INTERVAL_MS: '50' } });
  await scene.bus.heard(scene.id, 2);
  await process.close();
  expect(await scene.contents()).toEqual(['after a restart']);
});
