import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import type { MessageDraft } from './message.draft';
import { MessageLane, type PendingSend, type SendResult } from './message.lane';
import { MessageWriter, type WriteOutcome } from './message.writer';

/** Rows of one batch at most: beyond, a batch takes longer but not less per row. */
const maxBatchRows = 100;

/** While this many batches are in flight, sends gather for the next one. */
const maxInFlight = 3;

/**
 * Beside another batch one of fewer sends is not begun, however many wait for the conversations that are in it: a statement
 * costs PostgreSQL as much as half a dozen of its rows, and what waits goes with the next, which comes when the one in flight
 * is committed ...
 */
const minRowsBeside = 50;

/** ... or after this long, in milliseconds: one that takes longer must not hold the others. */
const maxHoldMs = 10;

/** After so many skips a conversation stands in line to be waited for, so that it cannot starve. */
const maxSkips = 3;

/** Between two tries at a conversation that another process holds: about as long as a batch takes. */
const skipDelayMs = { min: 1, max: 4 };

/**
 * Lanes that are kept though nothing waits in them. To make and forget one for each send would let the map of them make a new
 * table every few sends, and V8's old tables keep what they held until the next full collection.
 */
const maxAtRest = 10_000;

/** Sends that wait at most; more would not be written before their callers give up. */
const maxWaiting = 20_000;

/**
 * Gathers sends while earlier ones are being written, and writes them together: one commit serves many. Nothing waits for
 * others to come: a send that finds no batch in flight is written at once, and the next batch is begun when one is committed,
 * before that one's sends are answered. A conversation is in one batch at a time, so its order is the order of arrival.
 */
@Injectable()
export class MessageBatcher {
  private readonly lanes = new Map<string, MessageLane>();
  /** Lanes with sends that no batch holds, in turn. */
  private readonly ready: MessageLane[] = [];
  /** Lanes whose conversation is to be waited for. */
  private readonly patient = new Set<MessageLane>();
  /** Of the sends that wait, those in lanes that are ready. */
  private readySends = 0;
  /** By `performance.now()`: when the last batch was begun. */
  private begunAt = 0;
  private holdTimer: NodeJS.Timeout | undefined;
  /** Lanes that are not at rest. */
  private busyLanes = 0;
  private inFlight = 0;
  private isWaiting = false;
  private waiting = 0;
  private isScheduled = false;
  private whenIdle: (() => void) | undefined;
  private isClosed = false;

  constructor(private readonly writer: MessageWriter) {}

  /**
   * Queues a draft; resolves when it is committed.
   *
   * @throws AppError `service_unavailable` at `deadlineAt` (epoch ms) if it was not written before, when too many wait,
   *   and when the database's answer stays out (then the outcome is unknown); else why it was refused.
   */
  send(draft: MessageDraft, deadlineAt: number): Promise<SendResult> {
    if (this.isClosed || this.waiting >= maxWaiting) return Promise.reject(new AppError('service_unavailable'));
    return new Promise((resolve, reject) => {
      this.waiting++;
      const lane = this.laneOf(draft.conversationId);
      lane.push({ draft, deadlineAt, resolve, reject });
      if (lane.isReady) this.readySends++;
      this.schedule();
    });
  }

  /** Takes no more sends, and resolves when all that it took are written. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.busyLanes > 0) await new Promise<void>((resolve) => (this.whenIdle = resolve));
  }

  /** One that was at rest is ready; another is ready already, in a batch, or waits for its conversation. */
  private laneOf(conversationId: string): MessageLane {
    const lane = this.lanes.get(conversationId) ?? this.addLane(conversationId);
    if (lane.isAtRest) {
      lane.isAtRest = false;
      this.busyLanes++;
      this.putInLine(lane);
    }
    return lane;
  }

  /** For the next batch, with what waits in it. */
  private putInLine(lane: MessageLane): void {
    lane.isReady = true;
    this.readySends += lane.length;
    this.ready.push(lane);
  }

  private addLane(conversationId: string): MessageLane {
    if (this.lanes.size - this.busyLanes >= maxAtRest) {
      for (const [id, { isAtRest }] of this.lanes) if (isAtRest) this.lanes.delete(id);
    }
    const lane = new MessageLane(conversationId);
    this.lanes.set(conversationId, lane);
    return lane;
  }

  /** Once a turn of the event loop, so that what arrived in the same turn goes together. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.dispatch();
    });
  }

  private dispatch(): void {
    while (this.ready.length > 0 && this.mayBegin()) {
      const batch = this.collect();
      this.inFlight++;
      this.begunAt = performance.now();
      void this.writeInTurn(batch);
    }
    const [next] = this.patient;
    if (this.isWaiting || next === undefined) return;
    // One conversation at a time, and beside the others: the wait may last up to the lock timeout.
    this.patient.delete(next);
    this.isWaiting = true;
    void this.write([{ lane: next, sends: next.take(maxBatchRows) }], true).finally(() => {
      this.isWaiting = false;
      this.schedule();
    });
  }

  private mayBegin(): boolean {
    if (this.inFlight === 0) return true;
    if (this.inFlight >= maxInFlight) return false;
    if (this.readySends >= minRowsBeside) return true;
    const leftMs = this.begunAt + maxHoldMs - performance.now();
    if (leftMs <= 0) return true;
    this.holdTimer ??= setTimeout(() => {
      this.holdTimer = undefined;
      this.dispatch();
    }, leftMs);
    return false;
  }

  /** Never rejects. */
  private async writeInTurn(batch: readonly Share[]): Promise<void> {
    let isInFlight = true;
    const committed = (): boolean => {
      isInFlight = false;
      const others = --this.inFlight;
      this.dispatch();
      return this.inFlight > others;
    };
    await this.write(batch, false, committed);
    if (isInFlight) this.inFlight--;
    this.schedule();
  }

  /** What the next batch holds: from each lane that is ready as much as there is room for. */
  private collect(): Share[] {
    const batch: Share[] = [];
    let room = maxBatchRows;
    for (const lane of this.ready) {
      if (room === 0) break;
      lane.isReady = false;
      this.readySends -= lane.length;
      const sends = lane.take(room);
      room -= sends.length;
      batch.push({ lane, sends });
    }
    this.ready.splice(0, batch.length);
    return batch;
  }

  /** Never rejects: what goes wrong, the sends are told. */
  private async write(batch: readonly Share[], isPatient: boolean, committed?: () => boolean): Promise<void> {
    const now = Date.now();
    const drafts: MessageDraft[] = [];
    for (const { sends } of batch) for (const send of sends) if (send.deadlineAt > now) drafts.push(send.draft);
    const outcomes = drafts.length > 0 ? await this.writer.write(drafts, isPatient, committed) : [];
    let next = 0;
    for (const { lane, sends } of batch) {
      const skipped: PendingSend[] = [];
      for (const send of sends) {
        const outcome = send.deadlineAt > now ? (outcomes[next++] ?? unknownOutcome) : expired;
        if (outcome.kind === 'skipped') skipped.push(send);
        else answer(send, outcome);
      }
      this.waiting -= sends.length - skipped.length;
      this.release(lane, skipped);
    }
  }

  /** A batch is done with a lane. */
  private release(lane: MessageLane, skipped: readonly PendingSend[]): void {
    lane.putBack(skipped);
    lane.skips = skipped.length > 0 ? lane.skips + 1 : 0;
    if (lane.length === 0) this.rest(lane);
    else if (lane.skips === 0) this.putInLine(lane);
    else if (lane.skips > maxSkips || this.canWait) this.patient.add(lane);
    else {
      setTimeout(() => {
        this.putInLine(lane);
        this.schedule();
      }, skipDelay());
    }
  }

  /** Nobody is waited for: to wait costs less than to try again and again, and the lock comes a batch's time later at most. */
  private get canWait(): boolean {
    return !this.isWaiting && this.patient.size === 0;
  }

  private rest(lane: MessageLane): void {
    lane.isAtRest = true;
    if (--this.busyLanes === 0) this.whenIdle?.();
  }
}

/** What a batch holds of one lane. */
interface Share {
  readonly lane: MessageLane;
  readonly sends: readonly PendingSend[];
}

const expired: WriteOutcome = {
  kind: 'refused',
  error: new AppError('service_unavailable', { detail: 'The message was not written in time' }),
};
const unknownOutcome: WriteOutcome = { kind: 'refused', error: new AppError('internal_error') };

function answer(send: PendingSend, outcome: Exclude<WriteOutcome, { kind: 'skipped' }>): void {
  switch (outcome.kind) {
    case 'stored':
      return send.resolve({ message: outcome.message, duplicate: false });
    case 'duplicate':
      return send.resolve({ message: outcome.message, duplicate: true });
    case 'refused':
      return send.reject(outcome.error);
  }
}

/** In milliseconds, with jitter: two processes that skipped each other should not meet again. */
function skipDelay(): number {
  return skipDelayMs.min + Math.random() * (skipDelayMs.max - skipDelayMs.min);
}
