// What of one run is compared with what, and what Parley is built to reach; goals are only told, never enforced.
import { print } from './table.mjs';

/** Each ratio is of the figures of one run, and absent where one of them was not measured. */
const comparisons = [
  ...ofSendPath(),
  ...ofByHand('standalone', { cpu: '≤ 0.8', rate: '≥ 1.25', delivery: '≤ 0.8' }),
  ...ofByHand('cluster', { cpu: '≤ 2.5', delivery: '≤ 1' }),
  ...ofFanOut(1, { websocket: '≥ 0.9', socketio: '≥ 0.75' }),
  ...ofFanOut(10, { websocket: '≥ 3', socketio: '≥ 3' }),
  ...ofIdleSockets(),
];

/** A queue that grows as long as one measures has no latency to compare with. */
export function keptUp({ rate, perSecond }) {
  return perSecond > 0.95 * rate;
}

/** A second, of a baseline that was taken before and after. */
function rateOf({ before, after }) {
  return (before.perSecond + after.perSecond) / 2;
}

function ofSendPath() {
  return [
    {
      key: 'standaloneVersusNaive',
      what: 'standalone: acked sends a second ÷ naive transactions',
      goal: '≥ 3',
      of: ({ standalone }) => standalone && standalone.closed.perSecond / rateOf(standalone.naive),
    },
    {
      key: 'clusterVersusNaive',
      what: 'cluster: acked sends a second ÷ naive transactions',
      goal: '≥ 1.5',
      of: ({ cluster }) => cluster && cluster.closed.perSecond / rateOf(cluster.naive),
    },
    {
      key: 'cpuVersusBare',
      what: 'cluster: CPU of a send ÷ (request/reply + batch insert)',
      goal: '≤ 3',
      of: ({ cluster }) =>
        cluster && cluster.closed.cpuMicrosInAll / (cluster.requestReply.cpuMicros + cluster.batch.cpuMicros),
    },
    ofLatency('half', 'deliveryVersusCommitAndRoundTrips', 'at half of its rate'),
    ofLatency('open', 'deliveryVersusCommitAndRoundTripsAtModerateRate', 'at a moderate rate'),
  ];
}

function ofLatency(phase, key, when) {
  return {
    key,
    what: `cluster: p99 to the other user ÷ (commit + two round trips), ${when}`,
    goal: '≤ 6',
    of: ({ cluster }) => {
      const bare = cluster?.commitAndRoundTrips[phase];
      return bare && keptUp(bare) ? cluster[phase].deliveryMs.p99 / bare.ms.p99 : undefined;
    },
  };
}

function ofByHand(name, goals) {
  const find = ({ byHand }) => byHand.find((each) => each.name === name);
  const inRoom = (index, size) => ({
    key: `${name}DeliveryIn${size}RoomVersusByHand`,
    what: `${name}: CPU of a delivery in the ${size.toLowerCase()} room ÷ by hand`,
    goal: goals.delivery,
    of: (results) => {
      const room = find(results)?.rooms[index];
      return room && room.parley.cpuMicros / room.byHand.cpuMicros;
    },
  });
  const ofSends = (key, what, goal, figure) => ({
    key: `${name}${key}VersusByHand`,
    what: `${name}: ${what} ÷ by hand, both on Socket.IO`,
    goal,
    of: (results) => {
      const sends = find(results)?.sends;
      return sends && figure(sends.parley) / figure(sends.byHand);
    },
  });
  return [
    ofSends('Cpu', 'CPU of a send', goals.cpu, ({ cpuMicrosInAll }) => cpuMicrosInAll),
    ofSends('Rate', 'acked sends a second', goals.rate ?? '', ({ perSecond }) => perSecond),
    inRoom(0, 'Small'),
    inRoom(1, 'Large'),
  ];
}

function ofFanOut(speakers, goals) {
  const names = { websocket: 'WebSocket', socketio: 'Socket.IO' };
  return Object.entries(names).flatMap(([transport, name]) => {
    const compare = (key, what, goal, figure) => ({
      key: `${transport}${key}VersusBareLoopAt${speakers}`,
      what: `fan-out, ${speakers} on their way: ${what}, ${name} ÷ bare loop`,
      goal,
      of: ({ fanOut }) => {
        const run = fanOut?.runs.find((each) => each.speakers === speakers);
        return run && figure(run[transport].parley) / figure(run[transport].bare);
      },
    });
    return [
      compare('PerCpu', 'deliveries a CPU second', goals[transport], ({ cpuMicros }) => 1 / cpuMicros),
      compare('Rate', 'deliveries a second', '', ({ perSecond }) => perSecond),
    ];
  });
}

function ofIdleSockets() {
  const names = { websocket: 'WebSocket', socketio: 'Socket.IO' };
  return Object.entries(names).map(([transport, name]) => ({
    key: `${transport}MemoryVersusBare`,
    what: `idle ${name} ÷ bare ws, memory`,
    goal: '≤ 3',
    of: ({ storm }) => storm && storm[transport].heldBytes / storm.bare.heldBytes,
  }));
}

/** @returns {Record<string, number>} only what both parts were measured for */
export function ratiosOf(results) {
  const measured = comparisons.map(({ key, of }) => [key, of(results)]);
  return Object.fromEntries(measured.filter(([, ratio]) => ratio !== undefined));
}

export function printRatios(ratios) {
  const rows = comparisons
    .filter(({ key }) => ratios[key] !== undefined)
    .map(({ key, what, goal }) => [what, ratios[key].toFixed(2), goal]);
  if (rows.length > 0) print('Ratios', ['', 'measured', 'goal'], rows);
}
