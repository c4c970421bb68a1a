import { RawJson } from '@parley/contracts';
import { Encoder, type Packet, PacketType } from 'socket.io-parser';
import { PacketEncoder } from './packet.encoder';

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
