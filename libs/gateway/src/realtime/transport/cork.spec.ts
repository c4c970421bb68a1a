import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { corkUntilTurnEnds } from './cork';

/** Notes what leaves in one go. */
function aSocket() {
  const batches: string[][] = [];
  const socket = new Duplex({
    read: () => undefined,
    decodeStrings: false,
    write: (chunk: string, _, done) => (batches.push([chunk]), done()),
    writev: (chunks, done) => (batches.push(chunks.map(({ chunk }) => String(chunk))), done()),
  });
  let turns = 0;
  const tcp = socket as unknown as Socket;
  return { socket: tcp, batches, writer: { tcp, turnEnded: () => turns++ }, turns: () => turns };
}

const turn = () => new Promise(setImmediate);

describe('a corked socket', () => {
  it('writes what one turn of the event loop wrote in one go, in order', async () => {
    const { socket, batches, writer, turns } = aSocket();
    for (const text of ['a', 'b', 'c']) {
      corkUntilTurnEnds(writer);
      socket.write(text);
    }
    expect(batches).toEqual([]);
    await turn();
    expect(batches).toEqual([['a', 'b', 'c']]);
    expect(turns()).toBe(1);
  });

  it('is corked anew in the next turn', async () => {
    const { socket, batches, writer } = aSocket();
    for (const text of ['a', 'b']) {
      corkUntilTurnEnds(writer);
      socket.write(text);
      await turn();
    }
    expect(batches.flat()).toEqual(['a', 'b']);
    expect(socket.writableCorked).toBe(0);
  });

  it('may be destroyed or ended meanwhile', async () => {
    const [one, other] = [aSocket(), aSocket()];
    corkUntilTurnEnds(one.writer);
    corkUntilTurnEnds(other.writer);
    one.socket.write('lost');
    one.socket.destroy();
    other.socket.end('last');
    await turn();
    expect(one.batches).toEqual([]);
    expect(other.batches).toEqual([['last']]);
  });
});
