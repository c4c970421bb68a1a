import { RawJson } from '@parley/contracts';
import { Encoder, PacketType } from 'socket.io-parser';
import { EventFrame } from './event.frame';

/** The text of a frame of at most 125 bytes. */
const textOf = (frame: Buffer) => frame.toString('utf8', 2);

describe.each([
  ['without fields', {}],
  ['with fields', { rev: 1, text: 'ünï "😀"\n', list: ['"]', '}'] }],
])('an event %s', (_, payload) => {
  const event = new EventFrame('said', payload);

  it('is one flat frame for a plain WebSocket', () => {
    expect(JSON.parse(textOf(event.plain))).toEqual({ type: 'said', ...payload });
  });

  it('is what Socket.IO writes for a client of its own', () => {
    const [packet] = new Encoder().encode({ type: PacketType.EVENT, nsp: '/', data: ['said', payload] });
    expect(textOf(event.socketIo)).toBe(`4${packet}`);
  });
});

it('an event is made a frame of once for all clients of a transport, and what is written already is taken as it is', () => {
  const event = new EventFrame('said', { rev: 1, message: RawJson.read('{"text" : 1}') });
  expect(event.plain).toBe(event.plain);
  expect(event.socketIo).toBe(event.socketIo);
  expect(textOf(event.plain)).toBe('{"type":"said","rev":1,"message":{"text" : 1}}');
});
