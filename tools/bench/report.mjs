// The run as a table for people and as JSON for what compares runs.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** What Parley is built to reach; only told, never enforced. */
export const goals = { standaloneVersusNaive: 3, clusterVersusNaive: 1.5, cpuVersusBare: 3, memoryVersusBare: 3 };

export function machine() {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    node: process.version,
    os: process.platform,
  };
}

/** Only what both parts were measured for. */
export function ratiosOf({ standalone, cluster, fanOut, storm }) {
  const ratios = {};
  if (standalone) ratios.standaloneVersusNaive = standalone.closed.perSecond / standalone.naive.perSecond;
  if (cluster) {
    ratios.clusterVersusNaive = cluster.closed.perSecond / cluster.naive.perSecond;
    ratios.cpuVersusBare = cluster.closed.cpuMicrosInAll / (cluster.requestReply.cpuMicros + cluster.batch.cpuMicros);
  }
  if (fanOut) {
    ratios.websocketVersusBareLoop = fanOut.bare.cpuMicros / fanOut.websocket.cpuMicros;
    ratios.socketioVersusBareLoop = fanOut.bare.cpuMicros / fanOut.socketio.cpuMicros;
  }
  if (storm) {
    ratios.websocketMemoryVersusBare = storm.websocket.heldBytes / storm.bare.heldBytes;
    ratios.socketioMemoryVersusBare = storm.socketio.heldBytes / storm.bare.heldBytes;
  }
  return ratios;
}

export function writeResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

export function printResults({ standalone, cluster, fanOut, presence, storm, reads, uploads, ratios }) {
  for (const each of [standalone, cluster].filter(Boolean)) printSendPath(each);
  for (const each of uploads) printUploads(each);
  if (fanOut) printFanOut(fanOut);
  if (presence) printPresence(presence);
  if (storm) printStorm(storm);
  if (reads) printReads(reads);
  printRatios(ratios);
}

function printRatios(ratios) {
  const rows = [
    [
      'standalone: acked sends a second ÷ naive transactions',
      ratios.standaloneVersusNaive,
      `≥ ${goals.standaloneVersusNaive}`,
    ],
    ['cluster: acked sends a second ÷ naive transactions', ratios.clusterVersusNaive, `≥ ${goals.clusterVersusNaive}`],
    ['cluster: CPU of a send ÷ (request/reply + batch insert)', ratios.cpuVersusBare, `≤ ${goals.cpuVersusBare}`],
    ['fan-out: CPU of the bare loop ÷ WebSocket', ratios.websocketVersusBareLoop, ''],
    ['fan-out: CPU of the bare loop ÷ Socket.IO', ratios.socketioVersusBareLoop, ''],
    ['idle WebSocket ÷ bare ws, memory', ratios.websocketMemoryVersusBare, `≤ ${goals.memoryVersusBare}`],
    ['idle Socket.IO ÷ bare ws, memory', ratios.socketioMemoryVersusBare, `≤ ${goals.memoryVersusBare}`],
  ]
    .filter(([, ratio]) => ratio !== undefined)
    .map(([what, ratio, goal]) => [what, ratio.toFixed(2), goal]);
  if (rows.length > 0) print('Ratios', ['', 'measured', 'goal'], rows);
}

function printSendPath({ name, closed, open, naive, batch, requestReply }) {
  const row = (what, { perSecond, ackMs, deliveryMs, cpuMicrosInAll }) => [
    what,
    whole(perSecond),
    `${ms(ackMs.p50)} / ${ms(ackMs.p99)}`,
    `${ms(deliveryMs.p50)} / ${ms(deliveryMs.p99)}`,
    whole(cpuMicrosInAll),
  ];
  print(
    `Send path, ${name}: durable sends with one recipient`,
    ['', 'acked/s', 'ack p50/p99 ms', 'delivered p50/p99 ms', 'CPU µs/message'],
    [row(`${closed.inFlight} in flight`, closed), row(`${open.rate}/s`, open)],
  );
  const processes = Object.entries(closed.cpuMicros);
  if (processes.length > 1)
    print(
      '',
      ['CPU µs/message', ...processes.map(([each]) => each)],
      [
        [`${closed.inFlight} in flight`, ...processes.map(([, micros]) => whole(micros))],
        [`${open.rate}/s`, ...processes.map(([each]) => whole(open.cpuMicros[each]))],
      ],
    );
  print(
    '',
    ['bare, same run', 'per second', 'p50/p99 ms', 'CPU µs'],
    [
      ['naive transactions', whole(naive.perSecond), `${ms(naive.ms.p50)} / ${ms(naive.ms.p99)}`, ''],
      ...(requestReply
        ? [['NATS request/reply, both ends', whole(requestReply.perSecond), '', requestReply.cpuMicros.toFixed(1)]]
        : []),
      ...(batch ? [['batch insert', whole(batch.perSecond), '', batch.cpuMicros.toFixed(1)]] : []),
    ],
  );
}

function printUploads({ name, count, megabytes, seconds, memory }) {
  print(
    `Uploads, ${name}: ${count} of ${megabytes} MB at once in ${seconds.toFixed(1)} s, ${whole((count * megabytes) / seconds)} MB/s`,
    ['resident memory, MB', 'before', 'peak', 'more'],
    Object.entries(memory).map(([each, { before, peak }]) => [each, mb(before), mb(peak), mb(peak - before)]),
  );
}

/** The first of them reads almost nothing: what the others take beside it is what they read. */
function printReads({ name, messages, reads }) {
  const [base] = reads;
  print(
    `Reads, ${name}: one after another, of a history of ${whole(messages)} messages`,
    ['', 'p50/p99 ms', '÷ own profile'],
    reads.map(({ what, ms: each }) => [what, `${ms(each.p50)} / ${ms(each.p99)}`, (each.p50 / base.ms.p50).toFixed(1)]),
  );
}

function printPresence({ changes, idle }) {
  const row = (what, { cpuMicros, commands }, roundTrips) => [
    what,
    ...['gateway', 'presence', 'messaging'].map((app) => cpuMicros[app].toFixed(1)),
    roundTrips,
    commands.toFixed(1),
  ];
  const cpu = ['gateways, CPU µs', 'presence', 'messaging'];
  print(
    'Presence: one change of a user',
    ['contacts, of whom look', ...cpu, 'Redis round trips', 'commands in scripts and out'],
    changes.map((each) => row(`${each.contacts}, ${each.lookers}`, each, each.roundTrips.toFixed(1))),
  );
  print(
    '',
    ['connections that do nothing', ...cpu, 'round trips/s for all', 'commands'],
    [row(`${idle.connections}, each for a minute`, idle, idle.roundTripsPerSecond.toFixed(1))],
  );
}

function printFanOut({ websocket, socketio, bare }) {
  const row = (what, { perSecond, cpuMicros, allDeliveredMs }) => [
    what,
    whole(perSecond),
    cpuMicros.toFixed(2),
    whole(1e6 / cpuMicros),
    `${ms(allDeliveredMs.p50)} / ${ms(allDeliveredMs.p99)}`,
  ];
  print(
    `Fan-out: ${websocket.members} participants of one conversation, ${websocket.payloadBytes} bytes each`,
    ['', 'deliveries/s', 'CPU µs/delivery', 'deliveries/s a core', 'all have it p50/p99 ms'],
    [row('WebSocket', websocket), row('Socket.IO', socketio), row('bare ws loop', bare)],
  );
}

function printStorm({ name, connected, websocket, socketio, bare, quiet, storm, during, after, peakRss }) {
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

function print(title, head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  console.log(`${title ? `\n${title}\n` : ''}${[head, ...rows].map((row) => `  ${line(row)}`).join('\n')}`);
}

const whole = (value) => Math.round(value).toLocaleString('en');
const mb = (bytes) => whole(bytes / 1_048_576);
const ms = (value) => value.toFixed(value < 10 ? 1 : 0);
