import type { ClientHeads, ServerFrame, SyncView } from '@parley/contracts';
import type { ReceivedFrame } from '../client/frame.log';
import { type MessageState, reactedTo, stateOf, tombstoneOf } from './message.state';

/** A conversation as a device shows it. */
export interface ShownConversation {
  head: { seq: number; rev: number };
  readonly messages: Map<number, MessageState>;
}

/**
 * What an app keeps of its user's conversations, as the documentation asks of it: events are applied in the order of
 * `rev`, what was missed comes from `sync`, and where the server says `resync` a conversation is loaded again.
 */
export class DeviceModel {
  readonly conversations = new Map<string, ShownConversation>();
  /** Known by name only: their messages are still to be asked for. */
  private readonly unloaded = new Set<string>();
  /** What comes live while something is being asked for: it is applied after the answer. */
  private held: ReceivedFrame[] | undefined;
  private epoch: string | undefined;

  constructor(readonly userId: string) {}

  /** What the device gives when it connects again, or asks for more. */
  get heads(): ClientHeads {
    return Object.fromEntries([...this.conversations].map(([id, { head }]) => [id, { ...head }]));
  }

  /** Must more be asked for before what comes live can be shown? */
  get isBehind(): boolean {
    return this.unloaded.size > 0;
  }

  /** A new connection begins: what the last one left unapplied will be told again. */
  begin(): void {
    this.held = [];
  }

  /** From here on live events wait for `release`. */
  hold(): void {
    this.held ??= [];
  }

  /** Everything that was asked for is there: what came live meanwhile is applied. It may ask for more again. */
  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    // What one names has to be loaded before the rest is shown: that is held again.
    for (const frame of held) this.hear(frame);
  }

  /** @returns true where the device has to ask for what it does not have: live events are held until it has. */
  hear(frame: ReceivedFrame): boolean {
    const { event, payload } = frame;
    if (event === 'session') this.compareEpoch((payload as ServerFrame<'session'>).epoch);
    else if (event === 'synced') this.take(payload as ServerFrame<'synced'>);
    else if (this.held) this.held.push(frame);
    else this.apply(event, payload);
    if (this.isBehind) this.hold();
    return this.isBehind;
  }

  /** What `sync`, or the handshake, answered. */
  take(sync: SyncView): void {
    if (this.compareEpoch(sync.epoch)) return;
    if (!sync.has_more) this.unloaded.clear();
    for (const [id, changes] of Object.entries(sync.conversations)) {
      const conversation = this.conversations.get(id) ?? this.enter(id);
      for (const view of [...changes.messages, ...(changes.changed ?? [])]) put(conversation, stateOf(view));
      conversation.head = { seq: changes.last_seq, rev: changes.rev };
    }
    for (const id of sync.gone) this.forget(id);
    for (const { id } of sync.new_conversations) this.load(id);
  }

  private apply(event: string, payload: unknown): void {
    if (event === 'resync') return this.reload((payload as ServerFrame<'resync'>).conversation_ids);
    const { conversation_id: id, rev } = payload as { conversation_id?: string; rev?: number };
    if (id === undefined || rev === undefined) return;
    const conversation = this.conversations.get(id);
    if (event === 'conversation_created') {
      // Of one that is known already: the user was out of it in between.
      if (!conversation || conversation.head.rev < rev) this.load(id);
      return;
    }
    // `sync` has told it already, or the user is out of it.
    if (!conversation || rev <= conversation.head.rev) return;
    this.change(id, conversation, event, payload);
    conversation.head = { seq: conversation.head.seq, rev };
  }

  private change(id: string, conversation: ShownConversation, event: string, payload: unknown): void {
    switch (event) {
      case 'new_message': {
        const { message } = payload as ServerFrame<'new_message'>;
        conversation.head = { ...conversation.head, seq: message.seq };
        return put(conversation, stateOf(message));
      }
      case 'message_edited':
      case 'message_pinned':
      case 'message_unpinned':
        return put(conversation, stateOf((payload as ServerFrame<'message_edited'>).message));
      case 'message_deleted': {
        const { seq, rev } = payload as ServerFrame<'message_deleted'>;
        return update(conversation, seq, rev, (message) => tombstoneOf(message, rev));
      }
      case 'reaction_added':
      case 'reaction_removed':
        return react(conversation, event === 'reaction_added', payload as ServerFrame<'reaction_added'>);
      case 'participant_removed':
        if ((payload as ServerFrame<'participant_removed'>).user_id === this.userId) this.forget(id);
        return;
      case 'conversation_deleted':
        return this.forget(id);
    }
  }

  private reload(ids: readonly string[] = [...this.conversations.keys()]): void {
    for (const id of ids) this.load(id);
  }

  private load(id: string): void {
    this.enter(id);
    this.unloaded.add(id);
  }

  private enter(id: string): ShownConversation {
    const conversation: ShownConversation = { head: { seq: 0, rev: 0 }, messages: new Map() };
    this.conversations.set(id, conversation);
    return conversation;
  }

  private forget(id: string): void {
    this.conversations.delete(id);
    this.unloaded.delete(id);
  }

  /** Another epoch: nothing that is here can be trusted. @returns true then. */
  private compareEpoch(epoch: string): boolean {
    const isAnother = this.epoch !== undefined && this.epoch !== epoch;
    this.epoch = epoch;
    if (isAnother) this.reload();
    return isAnother;
  }
}

/** An older state than the one that is shown changes nothing. */
function put({ messages }: ShownConversation, state: MessageState): void {
  const shown = messages.get(state.seq);
  if (!shown || shown.rev <= state.rev) messages.set(state.seq, state);
}

function update(
  { messages }: ShownConversation,
  seq: number,
  rev: number,
  change: (message: MessageState) => MessageState,
): void {
  const message = messages.get(seq);
  if (message && message.rev < rev) messages.set(seq, change(message));
}

function react(
  conversation: ShownConversation,
  isThere: boolean,
  { message_id, user_id: userId, emoji, rev }: ServerFrame<'reaction_added'>,
): void {
  for (const { id, seq } of conversation.messages.values()) {
    if (id === message_id)
      update(conversation, seq, rev, (message) => reactedTo(message, { rev, userId, emoji, isThere }));
  }
}
