import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { BusModule, BusServer, EventBus, RpcClient } from '@parley/bus';
import { ConfigModule, DatabaseConfig, MessagingConfig } from '@parley/config';
import {
  ConversationId,
  type ConversationType,
  CreateConversation,
  EnsureUser,
  type MessageView,
  type RequestOf,
  SendMessage,
  UserId,
  type ViewedConversation,
} from '@parley/contracts';
import { DatabaseModule } from '@parley/database';
import { draftOf, type MessageDraft } from './message/message.draft';
import { toRequested } from './message/message.policy';
import { MessagingModule } from './messaging.module';

/** Characters in a message, in these processes. */
export const maxMessageLength = 6_000;

/** The service in a process of its own, as far as tests can tell: its own connections, batches, memory and bus. */
export interface MessagingProcess {
  readonly rpc: RpcClient;
  get<T>(type: Type<T> | (abstract new (...args: never[]) => T)): T;
  /** Ends it as SIGTERM does. */
  close(): Promise<void>;
}

/**
 * Starts the service on a database. What its bus carries goes through JSON.
 *
 * @param eventBus takes its events instead.
 * @param more settings, and controllers that stand in for other services.
 */
export async function startMessaging(
  databaseUrl: string,
  eventBus?: EventBus,
  more: { readonly env?: Record<string, string>; readonly controllers?: Type[] } = {},
): Promise<MessagingProcess> {
  const env = { DATABASE_URL: databaseUrl, MAX_MESSAGE_LENGTH: String(maxMessageLength), ...more.env };
  const builder = Test.createTestingModule({
    imports: [
      ConfigModule.forRoot([DatabaseConfig, MessagingConfig], env),
      DatabaseModule.forRoot(),
      BusModule.inProcess({ roundTrip: true }),
      MessagingModule,
    ],
    controllers: more.controllers ?? [],
  });
  if (eventBus) builder.overrideProvider(EventBus).useValue(eventBus);
  const module = await builder.compile();
  const app = module.createNestMicroservice({ strategy: module.get(BusServer), logger: false });
  await app.listen();
  return { rpc: module.get(RpcClient), get: (type) => module.get(type), close: () => app.close() };
}

type SendRequest = RequestOf<typeof SendMessage>;

interface SentMessage {
  readonly message: MessageView;
  readonly duplicate: boolean;
}

/** Sends, and reads what is answered. */
export async function sendMessage(rpc: RpcClient, request: SendRequest): Promise<SentMessage> {
  const { message, duplicate } = await rpc.call(SendMessage, request);
  return { message: message.value, duplicate };
}

/** A request to send, with valid defaults: Alice's greeting to conversation 1 under a key of its own. */
export function aSend(fields: Partial<SendRequest> = {}): SendRequest {
  return {
    conversationId: ConversationId.parse('1'),
    senderId: UserId.parse('alice'),
    key: { by: 'client', id: randomUUID() },
    content: 'Hello!',
    messageType: 'text',
    replyToId: null,
    threadRootId: null,
    attachmentIds: [],
    mentions: [],
    metadata: null,
    ...fields,
  };
}

/** A draft for which there is nothing to be looked up. */
export function toDraft(request: SendRequest): MessageDraft {
  return draftOf(toRequested(request), [], []);
}

/** Users by name, and conversations between them, on one process. */
export class Scene {
  constructor(readonly process: MessagingProcess) {}

  async users(...names: string[]): Promise<UserId[]> {
    return Promise.all(names.map((name) => this.user(name)));
  }

  async user(name: string): Promise<UserId> {
    const userId = UserId.parse(name);
    const profile = { displayName: name.toUpperCase(), username: name, email: null, avatarUrl: null, role: 'user' };
    await this.process.rpc.call(EnsureUser, { userId, profile });
    return userId;
  }

  /** A conversation that the first of `members` creates. */
  async conversation(members: readonly UserId[], type: ConversationType = 'group'): Promise<ViewedConversation> {
    const [creatorId, ...others] = members;
    if (creatorId === undefined) throw new Error('a conversation needs a creator');
    const conversation = { type, participant_ids: others, title: 'Test' };
    return (await this.process.rpc.call(CreateConversation, { creatorId, conversation })).conversation;
  }

  send(fields: Partial<SendRequest>): Promise<SentMessage> {
    return sendMessage(this.process.rpc, aSend(fields));
  }
}

/** The code with which something is refused. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );
