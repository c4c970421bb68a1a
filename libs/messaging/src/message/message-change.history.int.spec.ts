import type { OutgoingEvent } from '@parley/bus';
import {
  AddParticipants,
  AddReaction,
  type ConversationId,
  DeleteMessage,
  EditMessage,
  ListMessages,
  type MessageId,
  type MessageView,
  PinMessage,
  RemoveParticipant,
  RemoveReaction,
  UnpinMessage,
  UpdateConversation,
  UpdateParticipant,
  type UserId,
  type ViewedMessage,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';
import { RecordingEventBus } from '../recording-event-bus.fake';

jest.setTimeout(120_000);

let database: TestDatabase;
let bus: RecordingEventBus;
let processes: MessagingProcess[];

beforeAll(async () => {
  database = await testDatabase();
  bus = new RecordingEventBus();
  processes = [await startMessaging(database.url, bus), await startMessaging(database.url, bus)];
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.close()));
  await database.drop();
});

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Users who do one thing after another, whatever comes to their minds. */
class Crowd {
  private readonly sent: MessageView[];
  private readonly random: () => number;
  private acts = 0;

  constructor(
    seed: number,
    private readonly id: ConversationId,
    /** The first is the admin, who stays. */
    private readonly users: readonly UserId[],
    first: MessageView,
  ) {
    this.sent = [first];
    this.random = randomOf(seed);
  }

  /** One act of one user. What the user may not do changes nothing. */
  async act(): Promise<void> {
    try {
      await this.pick(this.wishes())();
    } catch (error) {
      // Refused is one thing, broken another.
      if (!(error instanceof AppError) || ['internal_error', 'service_unavailable'].includes(error.code)) throw error;
    }
  }

  private wishes(): readonly (() => Promise<unknown>)[] {
    const { rpc } = this.pick(processes);
    const { id: conversationId } = this;
    const [admin, ...others] = this.users as readonly [UserId, ...UserId[]];
    const [userId, participantId] = [this.pick(this.users), this.pick(others)];
    const { id: messageId, sender_id: senderId } = this.pick(this.sent);
    const [n, emoji] = [++this.acts, `e${Math.floor(this.random() * 25)}`];
    const send = async (threadRootId: MessageId | null) => {
      const content = `message ${n} of @${userId}`;
      const sent = await sendMessage(rpc, aSend({ conversationId, senderId: userId, content, threadRootId }));
      this.sent.push(sent.message);
    };
    const onMessage = [
      () => rpc.call(EditMessage, { userId: senderId, messageId, content: `edit ${n % 3}`, metadata: null }),
      () => rpc.call(DeleteMessage, { userId, messageId }),
      () => rpc.call(AddReaction, { userId, messageId, emoji }),
      () => rpc.call(AddReaction, { userId, messageId, emoji: 'e1' }),
      () => rpc.call(RemoveReaction, { userId, messageId, emoji: 'e1' }),
      () => rpc.call(PinMessage, { userId, messageId }),
      () => rpc.call(UnpinMessage, { userId, messageId }),
    ];
    const onConversation = [
      () => rpc.call(UpdateParticipant, { userId: admin, conversationId, participantId, isMuted: this.random() < 0.3 }),
      () => rpc.call(UpdateParticipant, { userId: admin, conversationId, participantId, role: 'moderator' }),
      () => rpc.call(RemoveParticipant, { userId: admin, conversationId, participantId }),
      () =>
        rpc.call(AddParticipants, {
          userId: admin,
          conversationId,
          participantIds: [...this.users],
          role: 'participant',
        }),
      () => rpc.call(UpdateConversation, { userId: admin, conversationId, changes: { title: `title ${n % 2}` } }),
    ];
    const sends = [() => send(null), () => send(messageId)];
    return [...sends, ...sends, ...onMessage, ...onMessage, this.pick(onConversation)];
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)] as T;
  }
}

/** What one who hears all events knows of a message. */
interface Known {
  content: string;
  isEdited: boolean;
  isDeleted: boolean;
  isPinned: boolean;
  replyCount: number;
  /** Emoji and user. */
  reactions: Set<string>;
}

function toKnown(message: MessageView | ViewedMessage): Known {
  return {
    content: message.content,
    isEdited: message.is_edited,
    isDeleted: message.is_deleted,
    isPinned: message.pinned_at !== null,
    replyCount: message.thread?.reply_count ?? 0,
    reactions: new Set(
      Object.entries(message.reactions).flatMap(([emoji, { user_ids }]) => user_ids.map((id) => `${emoji} ${id}`)),
    ),
  };
}

/** What events tell of messages, taken one after another in the order of their revs. */
class Picture {
  readonly messages = new Map<MessageId, Known>();
  private readonly rootOf = new Map<MessageId, MessageId>();

  constructor(events: readonly OutgoingEvent[]) {
    const facts = events
      .map(({ subject, payload }) => ({ name: subject.split('.').at(-1), ...(payload as { rev?: number }) }))
      .filter(({ rev }) => rev !== undefined);
    for (const fact of facts.sort((a, b) => (a.rev ?? 0) - (b.rev ?? 0))) this.take(fact as Fact);
  }

  private take(fact: Fact): void {
    switch (fact.name) {
      case 'message_created':
        return this.create(fact.message);
      case 'message_edited':
        return this.change(fact.message.id, { content: fact.message.content, isEdited: true });
      case 'message_pinned':
      case 'message_unpinned':
        return this.change(fact.message.id, { isPinned: fact.name === 'message_pinned' });
      case 'message_deleted':
        return this.delete(fact.messageId);
      case 'reaction_added':
        return void this.messages.get(fact.messageId)?.reactions.add(`${fact.emoji} ${fact.userId}`);
      case 'reaction_removed':
        return void this.messages.get(fact.messageId)?.reactions.delete(`${fact.emoji} ${fact.userId}`);
    }
  }

  private create(message: MessageView): void {
    this.messages.set(message.id, toKnown(message));
    if (message.thread_root_id === null) return;
    this.rootOf.set(message.id, message.thread_root_id);
    this.count(message.thread_root_id, 1);
  }

  private delete(id: MessageId): void {
    this.change(id, { content: '', isDeleted: true, isPinned: false, reactions: new Set() });
    const rootId = this.rootOf.get(id);
    if (rootId !== undefined) this.count(rootId, -1);
  }

  private count(rootId: MessageId, added: number): void {
    this.change(rootId, { replyCount: (this.messages.get(rootId)?.replyCount ?? 0) + added });
  }

  private change(id: MessageId, change: Partial<Known>): void {
    const known = this.messages.get(id);
    if (known) Object.assign(known, change);
  }
}

type Fact =
  | {
      readonly name: 'message_created' | 'message_edited' | 'message_pinned' | 'message_unpinned';
      message: MessageView;
    }
  | { readonly name: 'message_deleted'; messageId: MessageId }
  | { readonly name: 'reaction_added' | 'reaction_removed'; messageId: MessageId; emoji: string; userId: UserId };

/** All messages, as a participant reads them. */
async function readAll(id: ConversationId, userId: UserId): Promise<ViewedMessage[]> {
  const { rpc } = processes[0] as MessagingProcess;
  const all: ViewedMessage[] = [];
  for (let hasMore = true; hasMore;) {
    const position = { at: 'after_seq' as const, seq: all.at(-1)?.seq ?? 0 };
    const page = await rpc.call(ListMessages, { conversationId: id, userId, position, limit: 100, threadRootId: null });
    all.push(...page.messages);
    hasMore = page.hasMore;
  }
  return all;
}

it.each([1, 2, 3])('announces each rev of a random history once, and what happened by them (seed %d)', async (seed) => {
  const scene = new Scene(processes[0] as MessagingProcess);
  const users = await scene.users('alice', 'bob', 'carol', 'dave', 'erin');
  const [alice] = users as [UserId];
  const { id } = await scene.conversation(users);
  const { message: first } = await scene.send({ conversationId: id, senderId: alice });
  const crowd = new Crowd(seed, id, users, first);
  const [workers, actsOfEach] = [8, 60];
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let n = 0; n < actsOfEach; n++) await crowd.act();
    }),
  );

  const [head] = await database.query<{ rev: number; seq: number }>(
    'SELECT rev::int4, last_seq::int4 AS seq FROM conversations WHERE id = $1',
    [id],
  );
  const afterCreation = Array.from({ length: (head?.rev ?? 0) - 1 }, (_, i) => i + 2);
  expect(afterCreation.length).toBeGreaterThan(100);
  await Promise.all(afterCreation.map((rev) => bus.heard(id, rev)));
  expect(bus.revsOf(id).sort((a, b) => a - b)).toEqual(afterCreation);

  const messages = await readAll(id, alice);
  expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: head?.seq ?? 0 }, (_, i) => i + 1));
  const events = bus.published.filter(({ subject }) => subject.startsWith(`chat.conversation.${id}.`));
  expect(new Picture(events).messages).toEqual(new Map(messages.map((message) => [message.id, toKnown(message)])));
});
