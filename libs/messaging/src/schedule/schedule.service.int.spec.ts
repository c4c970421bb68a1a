import { type ConversationId, type MessageId, ScheduleMessage, type UserId } from '@parley/contracts';
import { FakeMedia } from '../media.fake';
import { aSend, codeOf, sendMessage } from '../messaging.scene';
import { type ScheduleRequest, ScheduleScene } from './schedule.scene';

jest.setTimeout(60_000);

let scene: ScheduleScene;
beforeAll(async () => {
  scene = await ScheduleScene.start();
});
afterAll(() => scene.close());
beforeEach(() => scene.newConversation());

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('scheduling a message', () => {
  it('answers what will be sent, and sends nothing', async () => {
    const request = scene.request({
      content: 'later',
      key: { by: 'client', id: 'k1' },
      metadata: { a: 1 },
      mentions: [scene.bob],
    });
    const { scheduled, duplicate } = await scene.here.rpc.call(ScheduleMessage, request);
    expect(duplicate).toBe(false);
    expect(scheduled).toEqual({
      id: expect.stringMatching(/^\d+$/) as string,
      conversation_id: scene.id,
      sender_id: scene.alice,
      content: 'later',
      message_type: 'text',
      reply_to_id: null,
      thread_root_id: null,
      attachment_ids: [],
      mentions: [scene.bob],
      metadata: { a: 1 },
      client_message_id: 'k1',
      send_at: request.sendAt,
      created_at: scheduled.created_at,
      status: 'scheduled',
      message_id: null,
      seq: null,
    });
    await scene.sweep();
    expect(await scene.contents()).toEqual([]);
  });

  it('gives it an id that no message has', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { message } = await scene.send({ conversationId: scene.id });
      ids.push(message.id, (await scene.schedule()).id);
    }
    expect([...new Set(ids)].sort((a, b) => Number(a) - Number(b))).toEqual(ids);
    await scene.makeDue();
    await scene.sweep();
    const both = 'SELECT id FROM messages WHERE id = ANY (SELECT id FROM scheduled_messages)';
    expect(await scene.database.query(both)).toEqual([]);
  });

  it.each<[string, string, Partial<ScheduleRequest>]>([
    ['of a stranger', 'not_a_participant', { senderId: 'carol' as UserId }],
    ['to nobody', 'conversation_not_found', { conversationId: '999999999' as ConversationId }],
    ['as a reply to nothing', 'reply_target_not_found', { replyToId: '999999999' as MessageId }],
    ['in no thread', 'thread_root_not_found', { threadRootId: '999999999' as MessageId }],
    ['of an unknown type', 'message_type_not_allowed', { messageType: 'poll' }],
    ['of nothing', 'validation_failed', { content: '' }],
    ['of too many characters', 'content_too_long', { content: 'x'.repeat(6_001) }],
    ['with a file of nobody', 'attachment_not_found', { attachmentIds: ['00000000-0000-4000-8000-00000000ffff'] }],
    ['for a time that has passed', 'validation_failed', { sendAt: new Date(Date.now() - 1_000).toISOString() }],
    ['for a time that is far off', 'validation_failed', { sendAt: '2999-01-01T00:00:00.000Z' }],
  ])('is refused %s with %s', async (_case, code, fields) => {
    await scene.user('carol');
    expect(await codeOf(scene.schedule(fields))).toBe(code);
    expect((await scene.list()).messages).toEqual([]);
  });

  it.each([
    ['muted', 'participant_muted', 'is_muted = true'],
    ['blocked', 'user_blocked', 'is_blocked = true'],
    ['removed', 'not_a_participant', 'left_at = now()'],
  ])('is refused to one who is %s', async (_how, code, change) => {
    await scene.changeAlice(change);
    expect(await codeOf(scene.schedule())).toBe(code);
  });

  it('is refused with a file that is in a message, or waits in another one', async () => {
    const sent = scene.here.get(FakeMedia).upload(scene.alice, scene.id).id;
    const waiting = scene.here.get(FakeMedia).upload(scene.alice, scene.id).id;
    await sendMessage(scene.here.rpc, aSend({ conversationId: scene.id, attachmentIds: [sent] }));
    await scene.schedule({ attachmentIds: [waiting] });
    for (const file of [sent, waiting]) {
      expect(await codeOf(scene.schedule({ attachmentIds: [file] }))).toBe('attachment_already_used');
    }
  });
});

describe('a file of a message that waits', () => {
  const upload = () => scene.here.get(FakeMedia).upload(scene.alice, scene.id).id;
  const sendWith = (file: string) =>
    sendMessage(scene.here.rpc, aSend({ conversationId: scene.id, content: 'now', attachmentIds: [file] }));

  it('goes with that one alone', async () => {
    const [kept, other] = [upload(), upload()];
    await scene.schedule({ content: 'later', attachmentIds: [kept] });
    expect(await codeOf(sendWith(kept))).toBe('attachment_already_used');
    await sendWith(other);
    await scene.makeDue();
    await scene.sweep();
    expect([await scene.contents(), scene.failures()]).toEqual([['now', 'later'], []]);
    expect(await codeOf(sendWith(kept))).toBe('attachment_already_used');
  });

  it('may go with another one when that was cancelled, or could not be sent', async () => {
    const [cancelled, failed] = [upload(), upload()];
    await scene.cancel((await scene.schedule({ attachmentIds: [cancelled] })).id);
    await scene.schedule({ attachmentIds: [failed] });
    await scene.changeAlice('is_muted = true');
    await scene.makeDue();
    await scene.sweep();
    await scene.changeAlice('is_muted = false');
    await sendWith(cancelled);
    await sendWith(failed);
    expect(await scene.contents()).toEqual(['now', 'now']);
  });
});

describe('a key', () => {
  it('schedules one message, however often it comes and wherever', async () => {
    const request = scene.request();
    const answers = await Promise.all(
      upTo(10).map((n) => (n % 2 ? scene.here : scene.there).rpc.call(ScheduleMessage, request)),
    );
    expect(new Set(answers.map(({ scheduled }) => scheduled.id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect((await scene.list()).messages).toHaveLength(1);
  });

  it('is answered alike when the message is due, sent, and its sender gone', async () => {
    const request = scene.request();
    const { scheduled } = await scene.here.rpc.call(ScheduleMessage, request);
    await scene.makeDue();
    await scene.sweep();
    await scene.changeAlice('left_at = now()');
    const again = await scene.there.rpc.call(ScheduleMessage, request);
    expect(again).toMatchObject({ duplicate: true, scheduled: { id: scheduled.id } });
  });

  it('tells which message its own became, also before that is noted', async () => {
    const request = scene.request();
    const { scheduled } = await scene.here.rpc.call(ScheduleMessage, request);
    await scene.makeDue();
    await scene.sweep();
    const [message] = await scene.database.query<{ id: string; seq: number }>(
      'SELECT id::text, seq::int4 FROM messages WHERE conversation_id = $1',
      [scene.id],
    );
    const sent = { ...scheduled, status: 'sent', message_id: message?.id, seq: message?.seq };
    for (const settledAt of ['now()', 'NULL']) {
      await scene.database.query(
        `UPDATE scheduled_messages SET settled_at = ${settledAt}, send_at = $2 WHERE conversation_id = $1`,
        [scene.id, request.sendAt],
      );
      expect(await scene.there.rpc.call(ScheduleMessage, request)).toEqual({ scheduled: sent, duplicate: true });
    }
  });

  it('tells that its message could not be sent', async () => {
    const request = scene.request();
    const { scheduled } = await scene.here.rpc.call(ScheduleMessage, request);
    await scene.changeAlice('is_muted = true');
    await scene.makeDue();
    await scene.sweep();
    await scene.changeAlice('is_muted = false');
    const again = await scene.there.rpc.call(ScheduleMessage, request);
    const failed = { ...scheduled, send_at: again.scheduled.send_at, status: 'failed' };
    expect(again).toEqual({ scheduled: failed, duplicate: true });
    expect([(await scene.list()).messages, await scene.sweep(), await scene.contents()]).toEqual([[], 0, []]);
  });

  it('is not told of another message that has it all the same', async () => {
    const request = scene.request({ content: 'mine' });
    const { scheduled } = await scene.here.rpc.call(ScheduleMessage, request);
    await sendMessage(scene.here.rpc, scene.request({ content: 'another' }));
    // As two requests leave it that come at the same moment.
    await scene.database.query(
      `UPDATE messages m SET idempotency_key = s.idempotency_key
       FROM scheduled_messages s WHERE m.conversation_id = $1 AND s.conversation_id = m.conversation_id`,
      [scene.id],
    );
    expect(await scene.here.rpc.call(ScheduleMessage, request)).toEqual({ scheduled, duplicate: true });
    await scene.makeDue();
    await scene.sweep();
    const again = await scene.here.rpc.call(ScheduleMessage, request);
    expect(again.scheduled).toMatchObject({ status: 'failed', message_id: null, seq: null });
    expect(scene.failures()).toMatchObject([{ code: 'idempotency_mismatch' }]);
  });

  it('names no other message, be it scheduled or sent', async () => {
    const request = scene.request({ content: 'first' });
    await scene.here.rpc.call(ScheduleMessage, request);
    const others: Partial<ScheduleRequest>[] = [
      { content: 'other' },
      { sendAt: new Date(Date.now() + 7_200_000).toISOString() },
    ];
    for (const other of others) {
      expect(await codeOf(scene.there.rpc.call(ScheduleMessage, { ...request, ...other }))).toBe(
        'idempotency_mismatch',
      );
    }
    expect(await codeOf(sendMessage(scene.there.rpc, request))).toBe('idempotency_mismatch');
    await scene.makeDue();
    await scene.sweep();
    expect(await codeOf(sendMessage(scene.there.rpc, request))).toBe('idempotency_mismatch');
    expect(await scene.contents()).toEqual(['first']);
  });

  it('that a message has schedules none', async () => {
    const request = scene.request();
    await sendMessage(scene.here.rpc, request);
    expect(await codeOf(scene.here.rpc.call(ScheduleMessage, request))).toBe('idempotency_mismatch');
  });

  it('tells that its message was sent when nothing else is left of it', async () => {
    const request = scene.request();
    await scene.here.rpc.call(ScheduleMessage, request);
    await scene.makeDue();
    await scene.sweep();
    await scene.database.query('DELETE FROM scheduled_messages WHERE conversation_id = $1', [scene.id]);
    expect(await codeOf(scene.here.rpc.call(ScheduleMessage, request))).toBe('scheduled_already_sent');
  });
});

describe('the list of what waits', () => {
  it('holds the own ones, next due first, page by page', async () => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    for (const minutes of [30, 10, 20, 40, 50]) await scene.schedule({ content: String(minutes), sendAt: at(minutes) });
    await scene.schedule({ senderId: scene.bob, content: 'of Bob' });
    const first = await scene.list(scene.alice, { limit: 2 });
    expect([first.messages.map(({ content }) => content), first.hasMore]).toEqual([['10', '20'], true]);
    const second = await scene.list(scene.alice, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([second.messages.map(({ content }) => content), second.hasMore]).toEqual([['30', '40'], true]);
    const third = await scene.list(scene.alice, { limit: 2, page: 3 });
    expect(third).toMatchObject({ messages: [{ content: '50' }], hasMore: false, nextCursor: null });
    expect((await scene.list(scene.bob)).messages.map(({ content }) => content)).toEqual(['of Bob']);
  });

  it('is for participants', async () => {
    expect(await codeOf(scene.list('carol' as UserId))).toBe('not_a_participant');
    expect(await codeOf(scene.list(scene.alice, { conversationId: '999999999' as ConversationId }))).toBe(
      'conversation_not_found',
    );
    expect(await codeOf(scene.list(scene.alice, { cursor: 'nonsense' }))).toBe('validation_failed');
  });
});

describe('cancelling', () => {
  it('takes a message away before it is sent, for good: a repetition of its request is told so', async () => {
    const request = scene.request({ content: 'never' });
    const { scheduled } = await scene.here.rpc.call(ScheduleMessage, request);
    const cancelled = { ...scheduled, status: 'cancelled' };
    expect(await scene.cancel(scheduled.id)).toEqual({ scheduled: cancelled });
    expect(await scene.there.rpc.call(ScheduleMessage, request)).toEqual({ scheduled: cancelled, duplicate: true });
    expect((await scene.list()).messages).toEqual([]);
    await scene.makeDue();
    await scene.sweep();
    expect(await scene.contents()).toEqual([]);
  });

  it('can be repeated as long as it is known what the message said', async () => {
    const { id: scheduledId } = await scene.schedule();
    const answer = await scene.cancel(scheduledId);
    expect(await scene.cancel(scheduledId)).toEqual(answer);
    await scene.database.query('UPDATE scheduled_messages SET draft = NULL WHERE id = $1', [scheduledId]);
    expect(await codeOf(scene.cancel(scheduledId))).toBe('scheduled_not_found');
  });

  it('does not free the key for another message, be it scheduled or sent', async () => {
    const request = scene.request({ content: 'never' });
    const { scheduled } = await scene.here.rpc.call(ScheduleMessage, request);
    await scene.cancel(scheduled.id);
    const other = { ...request, content: 'other' };
    expect(await codeOf(scene.here.rpc.call(ScheduleMessage, other))).toBe('idempotency_mismatch');
    expect(await codeOf(sendMessage(scene.here.rpc, other))).toBe('idempotency_mismatch');
  });

  it('is too late when the message is sent', async () => {
    const { id: scheduledId } = await scene.schedule();
    await scene.makeDue();
    await scene.sweep();
    expect(await codeOf(scene.cancel(scheduledId))).toBe('scheduled_already_sent');
  });

  it('is too late when the message could not be sent', async () => {
    const { id: scheduledId } = await scene.schedule();
    await scene.changeAlice('is_muted = true');
    await scene.makeDue();
    await scene.sweep();
    expect(await codeOf(scene.cancel(scheduledId))).toBe('scheduled_failed');
  });

  it('is for the sender alone, of a message that scene.there is', async () => {
    const { id: scheduledId } = await scene.schedule();
    for (const cancelling of [
      scene.cancel(scheduledId, scene.bob),
      scene.cancel('999999999'),
      scene.cancel('nonsense'),
      scene.cancel('0'),
    ]) {
      expect(await codeOf(cancelling)).toBe('scheduled_not_found');
    }
    expect((await scene.list()).messages).toHaveLength(1);
  });

  it('comes before the send or after it, never between', async () => {
    const scheduled = await Promise.all(upTo(40).map((n) => scene.schedule({ content: String(n) })));
    await scene.makeDue();
    const sweeping = scene.sweep(scene.there);
    const codes = await Promise.all(scheduled.map(({ id: scheduledId }) => codeOf(scene.cancel(scheduledId))));
    await sweeping;
    await scene.sweep();
    expect(['no error', 'scheduled_already_sent']).toEqual(expect.arrayContaining([...new Set(codes)]));
    const cancelled = scheduled.filter((_, i) => codes[i] === 'no error').map(({ content }) => content);
    expect(new Set([...cancelled, ...(await scene.contents())]).size).toBe(40);
    expect(cancelled.length + (await scene.contents()).length).toBe(40);
  });
});
