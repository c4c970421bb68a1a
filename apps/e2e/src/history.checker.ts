import type { ClientHeads, MessageView, ServerFrame } from '@parley/contracts';
import { type ChatClient, patienceMs, type ReceivedFrame } from '@parley/testing';

/** What one device has been shown over all of its connections, as its user would see it. */
export class Witness {
  private readonly seen = new Map<string, MessageView[]>();
  private readonly heads = new Map<string, { seq: number; rev: number }>();
  private readonly waiting = new Set<() => void>();
  /** Sentences on live events that did not rise in `rev`. */
  readonly disorder: string[] = [];
  /** What comes live while earlier messages are still being asked for. */
  private held: ServerFrame<'new_message'>[] | undefined;

  /** @param conversationIds what the device knows of when it first connects: nothing but the names. */
  constructor(
    readonly name: string,
    conversationIds: readonly string[] = [],
  ) {
    for (const id of conversationIds) this.heads.set(id, { seq: 0, rev: 0 });
  }

  /** Watches a connection from its first frame on. */
  watch(client: ChatClient): void {
    this.held = undefined;
    for (const frame of client.frames) this.hear(frame);
    client.listen((frame) => this.hear(frame));
  }

  /** What the device gives when it connects again, or asks for more. */
  position(): ClientHeads {
    return Object.fromEntries(this.heads);
  }

  messages(conversationId: string): readonly MessageView[] {
    return this.seen.get(conversationId) ?? [];
  }

  /** Resolves when the device was shown a conversation up to `seq`. @throws after 20 seconds in which nothing new came. */
  reached(conversationId: string, seq: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.waiting.delete(check);
      };
      const check = () => {
        timer.refresh();
        if (this.lastSeq(conversationId) < seq) return;
        settle();
        resolve();
      };
      const timer = setTimeout(() => {
        settle();
        const at = this.lastSeq(conversationId);
        reject(new Error(`${this.name} was shown conversation ${conversationId} up to ${at}, not to ${seq}`));
      }, patienceMs);
      this.waiting.add(check);
      check();
    });
  }

  /** Takes what `sync` or the handshake answered. With `has_more`, what comes live is shown after the rest. */
  catchUp(missed: ServerFrame<'synced'>): void {
    for (const [id, { messages, last_seq, rev }] of Object.entries(missed.conversations)) {
      for (const message of messages) this.see(message, message.rev);
      this.heads.set(id, { seq: last_seq, rev });
    }
    const held = this.held ?? [];
    this.held = missed.has_more ? held : undefined;
    if (!missed.has_more) for (const frame of held) this.showAfterCatchingUp(frame);
    this.wake();
  }

  private hear({ event, payload }: ReceivedFrame): void {
    if (event === 'synced') this.catchUp(payload as ServerFrame<'synced'>);
    if (event !== 'new_message') return;
    const frame = payload as ServerFrame<'new_message'>;
    if (this.held) return void this.held.push(frame);
    const lastRev = this.heads.get(frame.message.conversation_id)?.rev ?? 0;
    if (frame.rev <= lastRev) this.disorder.push(`${this.name} was shown rev ${frame.rev} after rev ${lastRev}`);
    this.see(frame.message, frame.rev);
    this.wake();
  }

  /** The answer may have covered what came live meanwhile: `rev` tells. */
  private showAfterCatchingUp({ message, rev }: ServerFrame<'new_message'>): void {
    if (rev > (this.heads.get(message.conversation_id)?.rev ?? 0)) this.see(message, rev);
  }

  private see(message: MessageView, rev: number): void {
    const messages = this.seen.get(message.conversation_id) ?? [];
    messages.push(message);
    this.seen.set(message.conversation_id, messages);
    this.heads.set(message.conversation_id, { seq: message.seq, rev });
  }

  private lastSeq(conversationId: string): number {
    return this.messages(conversationId).at(-1)?.seq ?? 0;
  }

  private wake(): void {
    for (const check of [...this.waiting]) check();
  }
}

/**
 * Compares what was acknowledged, what devices were shown, and what the history says.
 *
 * Holds where every acknowledged message is in the history once, every conversation's `seq` runs from 1 without gaps and
 * its `rev` rises, and every witness was shown just that, in that order, once.
 */
export class HistoryChecker {
  private readonly acked: MessageView[] = [];
  private readonly witnesses: { readonly witness: Witness; readonly conversationIds: readonly string[] }[] = [];

  acknowledge(message: MessageView): void {
    this.acked.push(message);
  }

  /** A device that must have been shown all of these conversations, from their first message on. */
  expect(witness: Witness, conversationIds: readonly string[]): void {
    this.witnesses.push({ witness, conversationIds });
  }

  /** @param histories all messages of each conversation, oldest first. @returns a sentence for each thing that is wrong. */
  violations(histories: ReadonlyMap<string, readonly MessageView[]>): string[] {
    return [
      ...[...histories].flatMap(([id, history]) => checkHistory(id, history)),
      ...checkAcks(this.acked, histories),
      ...this.witnesses.flatMap(({ witness }) => witness.disorder),
      ...this.witnesses.flatMap(({ witness, conversationIds }) =>
        conversationIds.flatMap((id) => checkWitness(witness, id, histories.get(id) ?? [])),
      ),
    ];
  }
}

function checkHistory(id: string, history: readonly MessageView[]): string[] {
  const wrong: string[] = [];
  const keys = new Set<string>();
  for (const [index, message] of history.entries()) {
    if (message.seq !== index + 1) wrong.push(`conversation ${id} has seq ${message.seq} at position ${index + 1}`);
    if (message.rev <= (history[index - 1]?.rev ?? 0))
      wrong.push(`conversation ${id}: rev falls at seq ${message.seq}`);
    if (message.client_message_id === null) continue;
    const key = JSON.stringify([message.sender_id, message.client_message_id]);
    if (keys.has(key)) wrong.push(`conversation ${id} holds ${key} twice`);
    keys.add(key);
  }
  return wrong;
}

function checkAcks(acked: readonly MessageView[], histories: ReadonlyMap<string, readonly MessageView[]>): string[] {
  return acked.flatMap((message) => {
    const stored = histories.get(message.conversation_id)?.[message.seq - 1];
    if (stored?.id === message.id && stored.content === message.content) return [];
    return [`message ${message.id} was acknowledged at seq ${message.seq}, where the history has ${brief(stored)}`];
  });
}

function checkWitness(witness: Witness, id: string, history: readonly MessageView[]): string[] {
  const shown = witness.messages(id);
  const at = Array.from({ length: Math.max(shown.length, history.length) }).findIndex(
    (_, index) => shown[index]?.id !== history[index]?.id || shown[index]?.seq !== history[index]?.seq,
  );
  if (at < 0) return [];
  const was = `was shown ${brief(shown[at])} as number ${at + 1} of ${shown.length}`;
  return [`${witness.name} ${was} in conversation ${id}, where the history has ${brief(history[at])}`];
}

function brief(message: MessageView | undefined): string {
  return message ? `message ${message.id} (seq ${message.seq})` : 'nothing';
}
