import { AppError } from '@parley/errors';

interface Send {
  start(): Promise<void>;
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
  private readonly lanes = new Map<string, Send[]>();
  private pending = 0;
  private isFull = false;

  constructor(private readonly maxPending = defaultMaxPending) {}

  /** @throws AppError `rate_limited` when too much waits already, or what `send` throws, or what the one before threw. */
  run<T>(conversationId: string, send: () => Promise<T>): Promise<T> {
    if (this.pending >= this.maxPending) this.isFull = true;
    if (this.isFull) return Promise.reject(new AppError('rate_limited'));
    return new Promise<T>((resolve, reject) => {
      this.enqueue(conversationId, {
        start: async () => resolve(await send()),
        refuse: reject,
      });
    });
  }

  private enqueue(conversationId: string, send: Send): void {
    this.pending++;
    const lane = this.lanes.get(conversationId);
    if (lane) {
      lane.push(send);
      return;
    }
    const waiting: Send[] = [];
    this.lanes.set(conversationId, waiting);
    void this.drain(conversationId, send, waiting);
  }

  /** Never rejects. */
  private async drain(conversationId: string, first: Send, waiting: Send[]): Promise<void> {
    for (let send: Send | undefined = first; send; send = waiting.shift()) {
      const failure = await attempt(send);
      this.settled(1);
      if (failure?.code === 'service_unavailable') this.settled(refuseAll(waiting, failure));
    }
    this.lanes.delete(conversationId);
  }

  private settled(count: number): void {
    this.pending -= count;
    if (this.pending === 0) this.isFull = false;
  }
}

/** @returns why the send failed, if it did; its caller knows already. */
async function attempt(send: Send): Promise<AppError | undefined> {
  try {
    await send.start();
    return undefined;
  } catch (thrown) {
    const error = AppError.from(thrown);
    send.refuse(error);
    return error;
  }
}

function refuseAll(waiting: Send[], error: AppError): number {
  const refused = waiting.splice(0);
  for (const send of refused) send.refuse(error);
  return refused.length;
}
