import { RawJson } from '@parley/contracts';
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import { EventPacket, PacketDecoder, PacketEncoder } from './packet.codec';

const packets: [what: string, packet: Packet][] = [
  ['an event', { type: PacketType.EVENT, nsp: '/', data: ['said', { text: 'ünï "😀"\n' }] }],
  ['an event without a payload', { type: PacketType.EVENT, nsp: '/', data: ['said'] }],
  ['an event that asks for an answer', { type: PacketType.EVENT, nsp: '/', id: 0, data: ['said', null] }],
  ['an answer', { type: PacketType.ACK, nsp: '/', id: 12, data: [{ ok: true, data: {} }] }],
  ['an empty answer', { type: PacketType.ACK, nsp: '/', id: 12, data: [] }],
  ['a connection', { type: PacketType.CONNECT, nsp: '/', data: { sid: 'a' } }],
  ['a refusal', { type: PacketType.CONNECT_ERROR, nsp: '/', data: { message: 'no' } }],
  ['a farewell', { type: PacketType.DISCONNECT, nsp: '/' }],
  ['an event of another namespace', { type: PacketType.EVENT, nsp: '/other', data: ['said'] }],
];

it.each(packets)('%s is written as Socket.IO writes it', (_, packet) => {
  expect(new PacketEncoder().encode(packet)).toEqual(new Encoder().encode(packet));
});

it('what is written already is taken as it is', () => {
  const message = RawJson.read('{"text" : 1}');
  const event: Packet = { type: PacketType.EVENT, nsp: '/', data: ['said', { rev: 1, message }] };
  expect(new PacketEncoder().encode(event)).toEqual(['2["said",{"rev":1,"message":{"text" : 1}}]']);
  const answer: Packet = { type: PacketType.ACK, nsp: '/', id: 3, data: [{ ok: true, data: { message } }] };
  expect(new PacketEncoder().encode(answer)).toEqual(['33[{"ok":true,"data":{"message":{"text" : 1}}}]']);
});

it('what is read already is passed on, and the rest is read as Socket.IO reads it', () => {
  const packet = new EventPacket('said', { text: 'a' }, 7);
  const decoded: unknown[] = [];
  const decoder = new PacketDecoder().on('decoded', (each) => decoded.push(each));
  const expected: unknown[] = [];
  const original = new Decoder().on('decoded', (each) => expected.push(each));
  decoder.add(packet);
  original.add('27["said",{"text":"a"}]');
  decoder.add('2["said"]');
  original.add('2["said"]');
  expect(decoded).toEqual([expect.objectContaining(expected[0] as object), expected[1]]);
  expect(() => decoder.add({})).toThrow();
});
