import {
  type AttachmentView,
  type ConversationId,
  DeleteMessage,
  type RequestOf,
  type SendMessage,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { FakeMedia } from '../media.fake';
import { aSend, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';

jest.setTimeout(60_000);

let database: TestDatabase;
let here: MessagingProcess;
let there: MessagingProcess;
/** Without a service for files. */
let alone: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let id: ConversationId;

beforeAll(async () => {
  database = await testDatabase();
  here = await startMessaging(database.url, undefined, { controllers: [FakeMedia] });
  there = await startMessaging(database.url, undefined, { controllers: [FakeMedia] });
  alone = await startMessaging(database.url);
  scene = new Scene(here);
  [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close(), alone.close()]);
  await database.drop();
});
beforeEach(async () => {
  id = (await scene.conversation([alice, bob])).id;
});

const send = (process: MessagingProcess, fields: Partial<RequestOf<typeof SendMessage>>) =>
  sendMessage(process.rpc, aSend({ conversationId: id, ...fields }));
/** An upload of Alice's to the conversation, which both processes know of. */
const upload = (fields: Partial<AttachmentView> = {}): AttachmentView => {
  const view = here.get(FakeMedia).upload(alice, id, fields);
  return there.get(FakeMedia).upload(alice, id, view);
};
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );
const contents = () =>
  database
    .query<{ content: string }>('SELECT content FROM messages WHERE conversation_id = $1 ORDER BY seq', [id])
    .then((rows) => rows.map(({ content }) => content));

it('shows its attachments in their order', async () => {
  const files = [upload({ kind: 'image' }), upload({ kind: 'voice', duration: 2.5 }), upload()];
  const { message } = await send(here, { content: '', attachmentIds: files.map((file) => file.id) });
  expect(message).toMatchObject({ content: '', attachments: files });
  const rows = await database.query(
    `SELECT a.file_id, a.position, a.kind, m.attachment_count
     FROM attachments a JOIN messages m USING (conversation_id, seq) WHERE a.conversation_id = $1 ORDER BY a.position`,
    [id],
  );
  expect(rows).toEqual(
    files.map((file, position) => ({ file_id: file.id, position, kind: file.kind, attachment_count: 3 })),
  );
});

it('asks nobody about files for messages without any', async () => {
  expect((await sendMessage(alone.rpc, aSend({ conversationId: id }))).message.attachments).toEqual([]);
  expect(await codeOf(send(alone, { attachmentIds: [upload().id] }))).toBe('service_unavailable');
});

describe('a file', () => {
  it('is in one message only', async () => {
    const { id: file } = upload();
    await send(here, { attachmentIds: [file] });
    for (const process of [here, there]) {
      expect(await codeOf(send(process, { content: 'again', attachmentIds: [file] }))).toBe('attachment_already_used');
    }
    expect(await contents()).toEqual(['Hello!']);
  });

  it('is in one message only of those that are sent at once, and hinders no other', async () => {
    const [once, other] = [upload(), upload()];
    const fields = [
      { content: 'first', attachmentIds: [once.id] },
      { content: 'plain' },
      { content: 'second', attachmentIds: [once.id] },
      { content: 'other', attachmentIds: [other.id] },
      { content: 'last' },
    ];
    const codes = await Promise.all(fields.map((field) => codeOf(send(here, field))));
    expect(codes).toEqual(['no error', 'no error', 'attachment_already_used', 'no error', 'no error']);
    expect(await contents()).toEqual(['first', 'plain', 'other', 'last']);
  });

  it('is in one message only when two processes send it', async () => {
    const { id: file } = upload();
    const codes = await Promise.all([here, there].map((process) => codeOf(send(process, { attachmentIds: [file] }))));
    expect(codes.sort()).toEqual(['attachment_already_used', 'no error']);
  });

  it.each<[string, string, () => string[]]>([
    ['of nobody', 'attachment_not_found', () => ['00000000-0000-4000-8000-00000000ffff']],
    ['with an id that is none', 'attachment_not_found', () => ['nonsense']],
    ['of another user', 'attachment_not_found', () => [here.get(FakeMedia).upload(bob, id).id]],
    [
      'that is named twice',
      'attachment_already_used',
      () => Array.from({ length: 2 }, () => '00000000-0000-4000-8000-00000000ffff'),
    ],
  ])('%s is refused with %s', async (_what, code, attachmentIds) => {
    expect(await codeOf(send(here, { attachmentIds: attachmentIds() }))).toBe(code);
    expect(await contents()).toEqual([]);
  });

  it.each([
    ['image', 'file'],
    ['voice', 'image'],
  ] as const)('of another kind is refused in a message of type %s', async (messageType, kind) => {
    const attachmentIds = [upload({ kind }).id];
    expect(await codeOf(send(here, { messageType, attachmentIds }))).toBe('attachment_mismatch');
  });
});

describe('a repetition', () => {
  it('is answered with the message that has the file, in every process', async () => {
    const request = aSend({ conversationId: id, content: '', attachmentIds: [upload().id] });
    const { message } = await sendMessage(here.rpc, request);
    for (const process of [here, there]) {
      expect(await sendMessage(process.rpc, request)).toEqual({ message, duplicate: true });
    }
  });

  it('is answered also when it comes at once', async () => {
    const request = aSend({ conversationId: id, attachmentIds: [upload().id] });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => sendMessage((n % 2 ? here : there).rpc, request)),
    );
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  });

  it('is answered without asking for files that are gone', async () => {
    const file = upload();
    const request = aSend({ conversationId: id, attachmentIds: [file.id] });
    const { message } = await sendMessage(here.rpc, request);
    await here.rpc.call(DeleteMessage, { userId: alice, messageId: message.id });
    for (const process of [here, there]) process.get(FakeMedia).remove(file.id);
    for (const process of [here, there, alone]) {
      const answer = await sendMessage(process.rpc, request);
      expect(answer).toMatchObject({ duplicate: true, message: { id: message.id, is_deleted: true, attachments: [] } });
    }
  });

  it('with other files is another message, and refused', async () => {
    const request = aSend({ conversationId: id, attachmentIds: [upload().id] });
    await sendMessage(here.rpc, request);
    expect(await codeOf(sendMessage(there.rpc, { ...request, attachmentIds: [upload().id] }))).toBe(
      'idempotency_mismatch',
    );
    expect(await codeOf(sendMessage(there.rpc, { ...request, attachmentIds: [] }))).toBe('idempotency_mismatch');
  });
});
