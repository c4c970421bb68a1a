import { AppError } from '@parley/errors';

/** A send that waits for the one before it. */
interface WaitingSend {
  /** @returns when it is done; never rejects. */
  start(): Promise<unknown>;
  refuse(error: AppError): void;
}

/** Sends that one socket may have waiting, over all conversations. */
const defaultMaxPending = 1_000;

/**
 * The sends of one socket: those to one conversation are carried out one after another, in the order they came.
 *
 * When one fails with `service_unavailable`, those that wait behind it fail so too, without being tried: a client that
 * pipelines never sees a later message stored without an earlier one. A queue that was full takes nothing until it is
 * empty, for the same reason.
 */
export class SendQueue {
  /** By conversation, what waits behind the send that is being carried out. */
  private readonly lanes = new Map<string, WaitingSend[]>();
  private pending = 0;
  private isFull = false;

  constructor(private readonly maxPending = defaultMaxPending) {}

  /** @throws AppError `rate_limited` when too much waits already, or what `send` throws, or what the one before threw. */
  run<T>(conversationId: string, send: () => Promise<T>): Promise<T> {
    if (this.pending >= this.maxPending) this.isFull = true;
    if (this.isFull) return Promise.reject(new AppError('rate_limited'));
    this.pending++;
    const lane = this.lanes.get(conversationId);
    if (lane === undefined) {
      this.lanes.set(conversationId, []);
      return this.carryOut(conversationId, send);
    }
    return new Promise<T>((resolve, reject) => {
      lane.push({ start: () => this.carryOut(conversationId, send).then(resolve, reject), refuse: reject });
    });
  }

  private carryOut<T>(conversationId: string, send: () => Promise<T>): Promise<T> {
    const sent = started(send);
    sent.then(
      () => this.next(conversationId),
      (thrown: unknown) => this.failed(conversationId, AppError.from(thrown)),
    );
    return sent;
  }

  private failed(conversationId: string, error: AppError): void {
    const lane = this.lanes.get(conversationId);
    if (lane && error.code === 'service_unavailable') this.settled(refuseAll(lane, error));
    this.next(conversationId);
  }

  /** The send of a conversation is done: the next one's turn. */
  private next(conversationId: string): void {
    this.settled(1);
    const next = this.lanes.get(conversationId)?.shift();
    if (next === undefined) this.lanes.delete(conversationId);
    else void next.start();
  }

  private settled(count: number): void {
    this.pending -= count;
    if (this.pending === 0) this.isFull = false;
  }
}

/** What is thrown at once is rejected, too. */
function started<T>(send: () => Promise<T>): Promise<T> {
  try {
    return send();
  } catch (error) {
    return Promise.reject(AppError.from(error));
  }
}

function refuseAll(waiting: WaitingSend[], error: AppError): number {
  const refused = waiting.splice(0);
  for (const send of refused) send.refuse(error);
  return refused.length;
}
