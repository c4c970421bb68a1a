import type { MessageView } from '@parley/contracts';

/** What one message says, as far as it is compared: its place, its content, what others did to it. */
export interface MessageState {
  readonly id: string;
  readonly seq: number;
  /** Of its last change. */
  readonly rev: number;
  readonly senderId: string;
  readonly clientMessageId: string | null;
  readonly content: string;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
  /** Ids of its files, in their order. */
  readonly attachments: readonly string[];
  /** By emoji, those who reacted, in order of their ids; without emoji that nobody uses any more. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

export function stateOf(view: MessageView): MessageState {
  const reactions = Object.entries(view.reactions).map(
    ([emoji, { user_ids }]) => [emoji, [...user_ids].sort()] as const,
  );
  return {
    id: view.id,
    seq: view.seq,
    rev: view.rev,
    senderId: view.sender_id,
    clientMessageId: view.client_message_id,
    content: view.content,
    isEdited: view.is_edited,
    isDeleted: view.is_deleted,
    attachments: view.attachments.map(({ id }) => id),
    reactions: Object.fromEntries(reactions),
  };
}

/** The message after somebody's reaction came or went at `rev`. */
export function reactedTo(
  message: MessageState,
  { rev, userId, emoji, isThere }: { rev: number; userId: string; emoji: string; isThere: boolean },
): MessageState {
  const others = (message.reactions[emoji] ?? []).filter((each) => each !== userId);
  const users = isThere ? [...others, userId].sort() : others;
  const { [emoji]: _replaced, ...rest } = message.reactions;
  return { ...message, rev, reactions: users.length > 0 ? { ...rest, [emoji]: users } : rest };
}

/** The message after it was deleted at `rev`: only its tombstone is left. */
export function tombstoneOf(message: MessageState, rev: number): MessageState {
  return { ...message, rev, content: '', isDeleted: true, attachments: [], reactions: {} };
}

/** In which respects two states of a message differ; empty where they are the same. */
export function differences(one: MessageState, other: MessageState): string[] {
  const parts = (['id', 'seq', 'rev', 'senderId', 'content', 'isEdited', 'isDeleted'] as const).filter(
    (part) => one[part] !== other[part],
  );
  return [
    ...parts,
    ...(one.attachments.join('\n') === other.attachments.join('\n') ? [] : ['attachments']),
    ...(sameReactions(one, other) ? [] : ['reactions']),
  ];
}

function sameReactions({ reactions: one }: MessageState, { reactions: other }: MessageState): boolean {
  const emojis = Object.keys(one);
  if (emojis.length !== Object.keys(other).length) return false;
  return emojis.every((emoji) => one[emoji]?.join('\n') === other[emoji]?.join('\n'));
}
