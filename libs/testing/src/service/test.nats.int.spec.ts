// eslint-disable-next-line no-restricted-imports -- the streams are made as libs/bus would, without it
import { jetstreamManager } from '@nats-io/jetstream';
// eslint-disable-next-line no-restricted-imports -- as above
import { connect } from '@nats-io/transport-node';
import { describeWith } from './service.availability';
import { natsForTests } from './test.nats';

describeWith('nats')('NATS for tests', () => {
  it('removes the streams of its own prefix, and no others', async () => {
    const [mine, other] = [natsForTests(), natsForTests()];
    const connection = await connect({ servers: mine.url });
    const { streams } = await jetstreamManager(connection);
    const streamOf = ({ prefix }: { prefix: string }) => `${prefix.toUpperCase()}_CHAT`;
    for (const { prefix } of [mine, other]) {
      await streams.add({ name: streamOf({ prefix }), subjects: [`${prefix}.chat.>`] });
    }
    const exists = (name: string) =>
      streams.info(name).then(
        () => true,
        () => false,
      );

    await mine.cleanup();
    expect([await exists(streamOf(mine)), await exists(streamOf(other))]).toEqual([false, true]);
    await other.cleanup();
    expect(await exists(streamOf(other))).toBe(false);
    await connection.close();
  });
});
