import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { NatsAnswers } from './nats.answers';
import { NatsCalls } from './nats.calls';
import { NatsPublications } from './nats.publications';
import { OutgoingTurn } from './outgoing.turn';

/** The process' connection, and what gathers its small messages into fewer ones. */
export class NatsLink {
  /** Names this process among those of its service. */
  readonly replica = randomUUID();
  /** What everything that is sent often goes through. */
  readonly turn = new OutgoingTurn();
  readonly calls: NatsCalls;
  readonly answers: NatsAnswers;
  readonly publications: NatsPublications;

  constructor(readonly connection: NatsConnection) {
    this.calls = new NatsCalls(connection, this.turn);
    this.answers = new NatsAnswers(connection, this.turn, this.replica);
    this.publications = new NatsPublications(connection, this.turn);
  }
}
