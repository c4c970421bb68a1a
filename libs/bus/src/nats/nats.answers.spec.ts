import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import { NatsAnswers } from './nats.answers';
import { OutgoingTurn } from './outgoing.turn';

/** A connection that takes nothing any more. */
function aConnection(state: 'open' | 'draining' | 'closed') {
  const publish = jest.fn(() => {
    throw new Error('not sent');
  });
  const connection = { publish, isDraining: () => state === 'draining', isClosed: () => state === 'closed' };
  return { connection: connection as unknown as NatsConnection, publish };
}

describe('answers that cannot be sent', () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  beforeEach(() => jest.clearAllMocks());
  afterAll(() => jest.restoreAllMocks());

  const answerOn = (connection: NatsConnection): void => {
    const answers = new NatsAnswers(connection, new OutgoingTurn(), 'a-replica');
    answers.add('inbox', 7, { ok: true, d: {} });
    answers.flush();
  };

  it('are an error while the process serves', () => {
    const { connection, publish } = aConnection('open');
    answerOn(connection);
    expect(publish).toHaveBeenCalledTimes(2);
    expect(logged).toHaveBeenCalled();
  });

  it.each(['draining', 'closed'] as const)('are none where the connection is %s: nobody waits for them', (state) => {
    const { connection, publish } = aConnection(state);
    answerOn(connection);
    expect(publish).toHaveBeenCalledTimes(1);
    expect(logged).not.toHaveBeenCalled();
  });
});
