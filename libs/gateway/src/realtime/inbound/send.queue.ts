import { AppError } from '@parley/errors';

/** A send that waits for the one before it. */
interface WaitingSend {
  /** @returns when it is done; never rejects. */
  start(): Promise<unknown>;
  refuse(error: AppError): void;
}

/** The sends to one conversation. */
interface Lane {
  readonly conversationId: string;
  /** Behind the one that is being carried out. */
  readonly waiting: WaitingSend[];
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
  /** Mostly one or two. A map that is added to and deleted from with each send leaves more behind than that takes. */
  private readonly lanes: Lane[] = [];
  private pending = 0;
  private isFull = false;

  constructor(private readonly maxPending = defaultMaxPending) {}

  /** @throws AppError `rate_limited` when too much waits already, or what `send` throws, or what the one before threw. */
  run<T>(conversationId: string, send: () => Promise<T>): Promise<T> {
    if (this.pending >= this.maxPending) this.isFull = true;
    if (this.isFull) return Promise.reject(new AppError('rate_limited'));
    this.pending++;
    const lane = this.lanes.find((each) => each.conversationId === conversationId);
    if (lane === undefined) return this.carryOut(this.openLane(conversationId), send);
    return new Promise<T>((resolve, reject) => {
      lane.waiting.push({ start: () => this.carryOut(lane, send).then(resolve, reject), refuse: reject });
    });
  }

  private openLane(conversationId: string): Lane {
    const lane = { conversationId, waiting: [] };
    this.lanes.push(lane);
    return lane;
  }

  private carryOut<T>(lane: Lane, send: () => Promise<T>): Promise<T> {
    const sent = started(send);
    sent.then(
      () => this.next(lane),
      (thrown: unknown) => this.failed(lane, AppError.from(thrown)),
    );
    return sent;
  }

  private failed(lane: Lane, error: AppError): void {
    if (error.code === 'service_unavailable') this.settled(refuseAll(lane.waiting, error));
    this.next(lane);
  }

  /** The send of a lane is done: the next one's turn. */
  private next(lane: Lane): void {
    this.settled(1);
    const next = lane.waiting.shift();
    if (next === undefined) this.lanes.splice(this.lanes.indexOf(lane), 1);
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
