import { mb, ms, print, whole } from './table.mjs';

export function printStorm({ name, connected, websocket, socketio, bare, quiet, storm, during, after, peakRss }) {
  const idle = (what, { heldBytes, rssBytes, perSecond, cpuMicros }) => [
    what,
    (heldBytes / 1_024).toFixed(1),
    (rssBytes / 1_024).toFixed(1),
    ...[perSecond, cpuMicros].map((value) => (value === undefined ? '' : whole(value))),
  ];
  print(
    `Idle sockets, ${name}: ${whole(connected)}, each in 20 conversations`,
    ['', 'KiB held a socket', 'KiB resident a socket', 'let in/s', 'CPU µs to let one in'],
    [idle('WebSocket', websocket), idle('Socket.IO', socketio), idle('bare ws', bare)],
  );
  print(
    `${whole(storm.hit)} drop and come back at once`,
    ['', 'p50 ms', 'p99 ms', 'max ms'],
    [
      ['until they are back', ms(storm.backMs.p50), ms(storm.backMs.p99), ms(storm.backMs.max)],
      ...[
        ['sends of others, before', quiet],
        ['meanwhile', during],
        ['after', after],
      ].map(([what, { ackMs }]) => [what, ms(ackMs.p50), ms(ackMs.p99), ms(ackMs.max)]),
    ],
  );
  const turnedAway = Object.entries(storm.reasons).map(([reason, count]) => `${reason} ${count}`);
  print('', ['peak of resident memory, MB', ...Object.keys(peakRss)], [['', ...Object.values(peakRss).map(mb)]]);
  console.log(`  turned away meanwhile: ${turnedAway.join(', ') || 'nobody'}`);
}
