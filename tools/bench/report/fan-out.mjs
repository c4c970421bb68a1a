import { print, p50p99, whole } from './table.mjs';

const names = { websocket: 'WebSocket', socketio: 'Socket.IO' };

export function printFanOut({ members, runs }) {
  for (const { speakers, payloadBytes, ...servers } of runs) {
    print(
      `Fan-out: ${whole(members)} participants, ${payloadBytes} bytes each, messages on their way: ${speakers}`,
      ['', 'deliveries/s', 'CPU µs/delivery', 'deliveries/s a core', 'all have it p50/p99 ms'],
      Object.entries(names).flatMap(([transport, name]) => [
        deliveryRow(name, servers[transport].parley),
        deliveryRow('bare ws loop, after it', servers[transport].bare),
      ]),
    );
  }
}

export function deliveryRow(name, { perSecond, cpuMicros, allDeliveredMs }) {
  return [name, whole(perSecond), cpuMicros.toFixed(2), whole(1e6 / cpuMicros), p50p99(allDeliveredMs)];
}
