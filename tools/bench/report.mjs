// The run as a table for people and as JSON for what compares runs.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** What Parley is built to reach; only told, never enforced. */
export const goals = { standaloneVersusNaive: 3, clusterVersusNaive: 1.5, cpuVersusBare: 3 };

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
export function ratiosOf({ standalone, cluster, fanOut }) {
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
  return ratios;
}

export function writeResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

export function printResults({ standalone, cluster, fanOut, ratios }) {
  for (const each of [standalone, cluster].filter(Boolean)) printSendPath(each);
  if (fanOut) printFanOut(fanOut);
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

function print(title, head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  console.log(`${title ? `\n${title}\n` : ''}${[head, ...rows].map((row) => `  ${line(row)}`).join('\n')}`);
}

const whole = (value) => Math.round(value).toLocaleString('en');
const ms = (value) => value.toFixed(value < 10 ? 1 : 0);
