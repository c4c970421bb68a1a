import { deliveryRow } from './fan-out.mjs';
import { print, p50p99, whole } from './table.mjs';

export function printByHand({ name, sends, rooms }) {
  print(
    `Beside the server by hand, ${name}: durable direct messages, ${sends.parley.inFlight} in flight, all on Socket.IO`,
    ['', 'acked/s', 'ack p50/p99 ms', 'delivered p50/p99 ms', 'CPU µs/message'],
    [
      ['Parley', sends.parley],
      ['by hand', sends.byHand],
    ].map(([what, { perSecond, ackMs, deliveryMs, cpuMicrosInAll }]) => {
      return [what, whole(perSecond), p50p99(ackMs), p50p99(deliveryMs), whole(cpuMicrosInAll)];
    }),
  );
  print(
    '',
    ['', 'deliveries/s', 'CPU µs/delivery', 'deliveries/s a core', 'all have it p50/p99 ms'],
    rooms.flatMap(({ members, parley, byHand }) => [
      deliveryRow(`Parley, room of ${whole(members)}`, parley),
      deliveryRow(`by hand, room of ${whole(members)}`, byHand),
    ]),
  );
}
