/**
 * The Socket.IO protocol (version 5) as text: `<type><id?>[<event>,<payload>]` in the default namespace. The types of
 * packets with binary data are not offered here.
 */
export const packetType = { connect: '0', disconnect: '1', event: '2', ack: '3', connectError: '4' } as const;

/** The Engine.IO protocol (revision 4) as text: a digit before each packet. */
export const engineType = {
  open: '0',
  close: '1',
  ping: '2',
  pong: '3',
  message: '4',
  upgrade: '5',
  noop: '6',
} as const;

/** The engine's text of a packet of Socket.IO. */
export const toEngineMessage = (packet: string): string => engineType.message + packet;

/** The engine's text of an event. */
export const toEngineEvent = (event: string, json: string): string =>
  `${engineType.message}${packetType.event}["${event}",${json}]`;

/** The answer to the packet with that id. */
export const toAckPacket = (id: number, json: string): string => `${packetType.ack}${id}[${json}]`;
