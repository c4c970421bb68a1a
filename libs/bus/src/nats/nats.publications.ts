import { Logger } from '@nestjs/common';
import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { AppError } from '@parley/errors';
import { SlotMap } from '../rpc/slot.map';
import { natsFailure } from './nats.errors';
import type { OutgoingTurn } from './outgoing.turn';

/** Under which JetStream knows a message that was stored before. */
const idHeader = 'Nats-Msg-Id';

/** What is to be stored, and how long its publisher waits. */
export interface Publication {
  readonly subject: string;
  readonly text: string;
  /** Names it within the stream's window for duplicates. */
  readonly id: string;
  readonly timeoutMs: number;
}

/** What became of a publication that was not stored, beside what the client library throws. */
export class NoStreamError extends Error {
  constructor() {
    super('No stream listens on the subject');
  }
}

interface PendingPublication {
  readonly timer: NodeJS.Timeout;
  resolve(): void;
  reject(error: AppError): void;
}

/**
 * Messages for the stream, and the broker's word that it has them. The client library has this too, but makes an error with
 * its stack for each of them in case that it fails, which takes as long as the rest of the publication.
 */
export class NatsPublications {
  private readonly logger = new Logger(NatsPublications.name);
  private readonly inbox = createInbox();
  private readonly pending = new SlotMap<PendingPublication>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly turn: OutgoingTurn,
  ) {
    connection.subscribe(`${this.inbox}.*`, { callback: (error, message) => this.received(error, message) });
  }

  /**
   * Resolves when the stream has it, or had it before.
   *
   * @throws AppError `payload_too_large` above the broker's bound; `service_unavailable` when the stream does not take it
   *   ({@link NoStreamError} as the cause where there is none) or does not say so in time: then it may have it all the same.
   */
  store(publication: Publication): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.take(name)?.reject(natsFailure(new Error(`The stream did not confirm in ${publication.timeoutMs} ms`)));
      }, publication.timeoutMs);
      const name = this.pending.add({ timer, resolve, reject });
      this.turn.add(() => this.send(name, publication));
    });
  }

  private send(name: number, { subject, text, id }: Publication): void {
    const identified = headers();
    identified.set(idHeader, id);
    try {
      this.connection.publish(subject, text, { reply: `${this.inbox}.${name}`, headers: identified });
    } catch (cause) {
      this.take(name)?.reject(natsFailure(cause));
    }
  }

  private received(error: Error | null, message: Msg): void {
    if (error) {
      this.logger.error({ msg: 'Confirmations cannot be heard', err: error });
      return;
    }
    const publication = this.take(Number(message.subject.slice(this.inbox.length + 1)));
    if (!publication) return;
    const failure = failureIn(message);
    if (failure) publication.reject(natsFailure(failure));
    else publication.resolve();
  }

  private take(name: number): PendingPublication | undefined {
    const publication = this.pending.get(name);
    if (!publication) return undefined;
    this.pending.delete(name);
    clearTimeout(publication.timer);
    return publication;
  }
}

/** The stream names itself where it has the message, and says why where it has not. */
function failureIn(message: Msg): Error | undefined {
  // So the broker says that nobody listens.
  if (message.headers?.code === 503) return new NoStreamError();
  const answer = readConfirmation(message);
  if (typeof answer?.stream === 'string' && answer.error === undefined) return undefined;
  return new Error(`The stream refused: ${answer?.error?.description ?? 'what came is no confirmation'}`);
}

interface Confirmation {
  readonly stream?: unknown;
  readonly error?: { readonly description?: string };
}

function readConfirmation(message: Msg): Confirmation | undefined {
  try {
    const answer: unknown = message.json();
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    // Not JSON: no confirmation either.
    return undefined;
  }
}
