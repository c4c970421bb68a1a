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
    isWritable: () => true,
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

describe('what one turn of the event loop writes', () => {
  /** Notes what leaves in one go. */
  function aWriter() {
    const chunks: Buffer[] = [];
    const tcp = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()),
    });
    const peer = { isOpen: true, isWritable: () => peer.isOpen, late: () => undefined, overflow: () => undefined };
    return { backlog: new Backlog(tcp as unknown as Socket, marks, peer), chunks, peer };
  }
  const frames = ['a', 'b', 'c'].map((text) => Buffer.from(text));

  it('leaves at its end in one piece, in order, and the next turn by itself', async () => {
    const { backlog, chunks } = aWriter();
    for (const frame of frames) backlog.write(frame);
    expect(chunks).toEqual([]);
    await turn();
    backlog.write(Buffer.from('d'));
    await turn();
    expect(chunks.map(String)).toEqual(['abc', 'd']);
  });

  it('is one piece for all who get the same, and another for who gets something else', async () => {
    const writers = [aWriter(), aWriter(), aWriter()];
    for (const { backlog } of writers) for (const frame of frames) backlog.write(frame);
    writers[2]?.backlog.write(Buffer.from('own'));
    await turn();
    const [one, same, other] = writers.map(({ chunks }) => chunks[0]);
    expect(same).toBe(one);
    expect([one, other].map(String)).toEqual(['abc', 'abcown']);
  });

  it('leaves before what others write after it, where that is asked for', () => {
    const { backlog, chunks } = aWriter();
    for (const frame of frames) backlog.write(frame);
    backlog.flush();
    backlog.tcp.write('close');
    expect(chunks.map(String)).toEqual(['abc', 'close']);
  });

  it('is dropped when the peer has closed meanwhile', async () => {
    const { backlog, chunks, peer } = aWriter();
    backlog.write(Buffer.from('late'));
    peer.isOpen = false;
    await turn();
    expect(chunks).toEqual([]);
  });
});

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
    const peer = {
      isWritable: () => true,
      late: (isLate: boolean) => told.push(isLate),
      overflow: () => told.push('overflow'),
    };
    const backlog = new Backlog(tcp as unknown as Socket, marks, peer);
    for (let n = 0; n < 100; n++) backlog.write(Buffer.alloc(100_000));
    await turn();
    expect(told).toEqual([]);
  });
});
