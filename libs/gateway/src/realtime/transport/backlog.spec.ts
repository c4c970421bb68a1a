import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { Backlog } from './backlog';

const marks = { lateBufferedBytes: 100_000, maxBufferedBytes: 1_000_000 };

/** A TCP socket whose system takes nothing until it is let. */
function aClient() {
  const taken: (() => void)[] = [];
  const tcp = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => void taken.push(done) });
  const told: string[] = [];
  const backlog = new Backlog(tcp as unknown as Socket, marks, {
    late: (isLate) => told.push(isLate ? 'late' : 'in time'),
    overflow: () => told.push('overflow'),
  });
  return {
    backlog,
    told,
    write: (bytes: number) => backlog.write(Buffer.alloc(bytes)),
    /** The client reads all that it was sent. */
    read: async () => {
      for (let done = taken.shift(); done; done = taken.shift()) {
        done();
        await turn();
      }
    },
  };
}

const turn = () => new Promise(setImmediate);

describe('what waits for a client', () => {
  it('makes it late at the end of a turn, not in the middle of it', async () => {
    const { told, write } = aClient();
    write(60_000);
    write(60_000);
    expect(told).toEqual([]);
    await turn();
    expect(told).toEqual(['late']);
  });

  it('makes it late no more once it has read all, and late again', async () => {
    const { told, write, read } = aClient();
    for (let round = 0; round < 3; round++) {
      write(150_000);
      await turn();
      await read();
    }
    expect(told).toEqual(['late', 'in time', 'late', 'in time', 'late', 'in time']);
  });

  it('closes it when it is too much, once, and nothing is written after', async () => {
    const { backlog, told, write } = aClient();
    for (let n = 0; n < 20; n++) write(100_000);
    await turn();
    expect(told).toEqual(['late', 'overflow']);
    expect(backlog.tcp.writableLength).toBe(1_100_000);
  });

  it('is nothing where the system takes all, however much one turn writes', async () => {
    const tcp = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const told: unknown[] = [];
    const peer = { late: (isLate: boolean) => told.push(isLate), overflow: () => told.push('overflow') };
    const backlog = new Backlog(tcp as unknown as Socket, marks, peer);
    for (let n = 0; n < 100; n++) backlog.write(Buffer.alloc(100_000));
    await turn();
    expect(told).toEqual([]);
  });
});
