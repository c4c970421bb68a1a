import { randomUUID } from 'node:crypto';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describeWith } from '@parley/testing';
import { natsAddress } from './nats.scene';
import { NatsPublications, NoStreamError } from './nats.publications';
import { OutgoingTurn } from './outgoing.turn';

describeWith('nats')('publications', () => {
  let connection: NatsConnection;
  let publications: NatsPublications;
  let subject: string;

  beforeAll(async () => {
    const { hostname, port } = natsAddress();
    connection = await connect({ servers: `${hostname}:${port}` });
    publications = new NatsPublications(connection, new OutgoingTurn());
  });
  beforeEach(() => (subject = `publications.${randomUUID()}`));
  afterAll(() => connection.close());

  /** Plays the stream of `subject`. */
  const answering = (answer: string | undefined): void => {
    connection.subscribe(subject, {
      callback: (_, message) => {
        if (answer !== undefined) message.respond(answer);
      },
    });
  };

  const store = (timeoutMs = 60_000): Promise<void> => publications.store({ subject, text: 'x', id: '1', timeoutMs });

  it('are done when the stream names itself', async () => {
    answering('{"stream":"CHAT","seq":3,"duplicate":true}');
    await expect(store()).resolves.toBeUndefined();
  });

  it('carry the id that the stream knows a repetition by', async () => {
    const heard = new Promise((resolve) => {
      connection.subscribe(subject, {
        max: 1,
        callback: (_, message) => {
          resolve([message.headers?.get('Nats-Msg-Id'), message.string()]);
          message.respond('{"stream":"CHAT","seq":1}');
        },
      });
    });
    await store();
    expect(await heard).toEqual(['1', 'x']);
  });

  it('fail with the reason of a stream that refuses', async () => {
    answering(
      '{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"stream":"CHAT","seq":0}',
    );
    await expect(store()).rejects.toMatchObject({
      code: 'service_unavailable',
      cause: expect.objectContaining({ message: 'The stream refused: maximum messages exceeded' }) as Error,
    });
  });

  it.each(['', 'no JSON', '{}', 'null', '[]'])('fail where %j comes instead of a confirmation', async (answer) => {
    answering(answer);
    await expect(store()).rejects.toMatchObject({ code: 'service_unavailable' });
  });

  it('fail at once where nobody listens', async () => {
    await expect(store()).rejects.toMatchObject({
      code: 'service_unavailable',
      cause: expect.any(NoStreamError) as Error,
    });
  });

  it('fail when no confirmation comes in time', async () => {
    answering(undefined);
    await expect(store(20)).rejects.toMatchObject({ code: 'service_unavailable' });
  });

  it('fail at once above the bound of the broker', async () => {
    answering('{"stream":"CHAT","seq":1}');
    const text = 'x'.repeat((connection.info?.max_payload ?? 0) + 1);
    await expect(publications.store({ subject, text, id: '1', timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });
});
