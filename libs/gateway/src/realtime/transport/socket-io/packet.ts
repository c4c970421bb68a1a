/**
 * The Socket.IO protocol (version 5) as text: `<type><id?>[<event>,<payload>]` in the default namespace. The types of
 * packets with binary data are not offered here.
 */
export const packetType = { connect: '0', disconnect: '1', event: '2', ack: '3', connectError: '4' } as const;
