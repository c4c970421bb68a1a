import type { Server } from 'socket.io';
import { startTestServer, type TestServer } from '../transport.scene';

describe('lean rooms', () => {
  let server: TestServer;
  let io: Server;
  const adapter = () => io.sockets.adapter;
  const told: string[] = [];

  beforeEach(async () => {
    server = await startTestServer();
    io = server.io;
    told.length = 0;
    adapter().on('create-room', (room) => told.push(`+${room}`));
    adapter().on('delete-room', (room) => told.push(`-${room}`));
  });
  afterEach(() => server.close());

  const join = (id: string, ...rooms: string[]) => void adapter().addAll(id, new Set(rooms));

  it('tell of the first who comes and of the last who goes', () => {
    join('a', 'a');
    join('a', 'one', 'two');
    join('b', 'b', 'one');
    join('b', 'one');
    expect(told.splice(0)).toEqual(['+one', '+two']);
    void adapter().del('a', 'one');
    void adapter().del('a', 'one');
    void adapter().del('a', 'three');
    expect(told.splice(0)).toEqual([]);
    void adapter().delAll('b');
    void adapter().delAll('a');
    void adapter().delAll('a');
    expect(told).toEqual(['-one', '-two']);
    expect([...adapter().rooms.keys(), ...adapter().sids.keys()]).toEqual([]);
  });

  it('know who is in them, and where somebody is', () => {
    join('a', 'a', 'one', 'two');
    join('b', 'b', 'one');
    expect([...(adapter().rooms.get('one') ?? [])]).toEqual(['a', 'b']);
    expect([...(adapter().socketRooms('a') ?? [])]).toEqual(['one', 'two']);
    void adapter().del('a', 'two');
    expect([...(adapter().socketRooms('a') ?? [])]).toEqual(['one']);
    expect(adapter().rooms.has('two')).toBe(false);
  });

  it('have one for each socket alone, for as long as it is there', () => {
    join('a', 'a');
    expect([...(adapter().rooms.get('a') ?? [])]).toEqual(['a']);
    void adapter().delAll('a');
    expect(adapter().rooms.has('a')).toBe(false);
    expect(adapter().rooms.get('a')).toBeUndefined();
  });
});
