import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import type { RawField } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { type AnswerEnvelope, failure } from '../rpc/rpc.envelope';
import { answersName, toAnswerLine, toAnswers } from './answer.line';
import { Gathering } from './gathering';
import type { OutgoingTurn } from './outgoing.turn';
import { ProcessLoad } from './process.load';
import { TextBundle } from './text.bundle';

const maxAnswersPerMessage = 256;
/** Of one message, in characters: with three bytes each it is still below the broker's bound of 1 MiB. */
const maxMessageLength = 300_000;

/** Answers on their way: those of one turn to one caller go in one message. */
export class NatsAnswers {
  private readonly logger = new Logger(NatsAnswers.name);
  private readonly outgoing = new Gathering<TextBundle>();
  private readonly load = new ProcessLoad();

  /** @param replica names this process among those of its service. */
  constructor(
    private readonly connection: NatsConnection,
    private readonly turn: OutgoingTurn,
    private readonly replica: string,
  ) {}

  /**
   * @param caller what the reply subjects of its messages begin with.
   * @param rawField of the response, where its contract has one.
   */
  add(caller: string, call: number, answer: AnswerEnvelope, rawField?: RawField): void {
    const line = toAnswerLine(call, answer, rawField);
    if (this.outgoing.get(caller)?.add(line)) return;
    const next = new TextBundle(maxAnswersPerMessage, maxMessageLength);
    next.add(line);
    this.outgoing.set(caller, next);
    this.turn.add(() => this.send(caller, next, call));
  }

  /** Sends what this turn has gathered so far. */
  flush(): void {
    this.turn.flush();
  }

  private send(caller: string, answers: TextBundle, first: number): void {
    this.outgoing.delete(caller, answers);
    // One of the caller's subjects that no message of its own waits on.
    const subject = `${caller}.${answersName}`;
    const sender = { replica: this.replica, load: this.load.current() };
    // What is above the broker's bound travels alone: its caller learns at once that no answer comes.
    if (this.publish(subject, toAnswers(sender, answers.parts.join('\n')))) return;
    this.publish(subject, toAnswerLine(first, failure(new AppError('internal_error'))));
  }

  /** @returns false where the text is above the broker's bound. */
  private publish(subject: string, text: string): boolean {
    try {
      this.connection.publish(subject, text);
      return true;
    } catch (err) {
      // The process ends, and this is an answer that came after its deadline: nobody waits for it any more.
      if (this.connection.isDraining() || this.connection.isClosed()) return true;
      this.logger.error({ msg: 'An answer could not be sent', err });
      return false;
    }
  }
}
