import type { z } from 'zod';
import { type KindCheck, kindCheckOf } from './kinds';
import { type RawField, rawFieldOf } from './raw.json';

const utf8 = new TextEncoder();

/**
 * A fact that a service announces after its commit.
 *
 * `conversation` and `user` facts are durable: `chat.conversation.<id>.<name>`, `chat.user.<token>.<name>`, kept by the
 * broker's stream `CHAT`. A `live` fact (`live.<name>`) may be lost.
 */
export interface ChatEvent<Scope extends EventScope = EventScope, Payload extends z.ZodType = z.ZodType> {
  readonly scope: Scope;
  /** Past tense, snake_case. */
  readonly name: string;
  readonly payload: Payload;
  /** There are as many of it as messages: who waits for other facts is spared it. */
  readonly isBulk?: boolean;
  /** The last field of the payload, where that is passed on as it is written. */
  readonly rawField?: RawField | undefined;
  /** As of calls: who hears it checks the kinds of its fields only. */
  readonly isTrusted?: boolean;
  /** Whether a payload is of the kinds that its schema names; of trusted events. */
  readonly isOfKind?: KindCheck | undefined;
}

export type EventScope = 'conversation' | 'user' | 'live';
export type PayloadOf<E extends ChatEvent> = z.infer<E['payload']>;

export function defineEvent<Scope extends EventScope, Payload extends z.ZodType>(
  event: ChatEvent<Scope, Payload>,
): ChatEvent<Scope, Payload> {
  const { payload, isTrusted = false } = event;
  return Object.freeze({
    ...event,
    rawField: rawFieldOf(payload),
    isOfKind: isTrusted ? kindCheckOf(payload) : undefined,
  });
}

/** The subject of one event about one conversation or user (`id`; `live` events have none). */
export function subjectOf(event: ChatEvent, id = ''): string {
  switch (event.scope) {
    case 'conversation':
      return `chat.conversation.${id}.${event.name}`;
    case 'user':
      return `chat.user.${userToken(id)}.${event.name}`;
    case 'live':
      return `live.${event.name}`;
  }
}

/** A user id as one token of a subject: ids may hold dots, blanks and wildcards, which subjects may not. */
export function userToken(userId: string): string {
  const bytes = String.fromCharCode(...utf8.encode(userId));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The parts of a durable subject. */
export interface ChatSubject {
  readonly scope: 'conversation' | 'user';
  /** A conversation id or a user token. */
  readonly id: string;
  readonly name: string;
}

const ofConversations = 'chat.conversation.';
const ofUsers = 'chat.user.';

/** Asked of every event there is. @returns undefined for what is no durable subject of a chat. */
export function parseChatSubject(subject: string): ChatSubject | undefined {
  const scope = subject.startsWith(ofConversations) ? 'conversation' : subject.startsWith(ofUsers) ? 'user' : undefined;
  if (scope === undefined) return undefined;
  const idAt = scope === 'conversation' ? ofConversations.length : ofUsers.length;
  const idEndsAt = subject.indexOf('.', idAt);
  return idEndsAt < 0 ? undefined : { scope, id: subject.slice(idAt, idEndsAt), name: subject.slice(idEndsAt + 1) };
}
