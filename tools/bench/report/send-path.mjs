import { keptUp } from './ratios.mjs';
import { print, p50p99, whole } from './table.mjs';

export function printSendPath({ name, closed, open, half, ...baselines }) {
  const phases = [
    [`${closed.inFlight} in flight`, closed],
    [`${whole(open.rate)}/s`, open],
    ...(half ? [[`${whole(half.rate)}/s, half of what goes`, half]] : []),
  ];
  print(
    `Send path, ${name}: durable sends with one recipient`,
    ['', 'acked/s', 'ack p50/p99 ms', 'delivered p50/p99 ms', 'CPU µs/message'],
    phases.map(([what, { perSecond, ackMs, deliveryMs, cpuMicrosInAll }]) => {
      return [what, whole(perSecond), p50p99(ackMs), p50p99(deliveryMs), whole(cpuMicrosInAll)];
    }),
  );
  const processes = Object.keys(closed.cpuMicros);
  if (processes.length > 1)
    print(
      '',
      ['CPU µs/message', ...processes],
      phases.map(([what, { cpuMicros }]) => [what, ...processes.map((each) => whole(cpuMicros[each]))]),
    );
  printBaselines(baselines);
}

function printBaselines({ naive, batch, requestReply, commitAndRoundTrips }) {
  const rows = Object.entries(naive).map(([when, { perSecond, ms }]) => [
    `naive transactions, ${when}`,
    whole(perSecond),
    p50p99(ms),
    '',
  ]);
  if (requestReply)
    rows.push(['NATS request/reply, both ends', whole(requestReply.perSecond), '', requestReply.cpuMicros.toFixed(1)]);
  if (batch) rows.push(['batch insert', whole(batch.perSecond), '', batch.cpuMicros.toFixed(1)]);
  const roundTrips = Object.values(commitAndRoundTrips ?? {});
  for (const { rate, perSecond, ms } of roundTrips)
    rows.push([`a commit and two NATS round trips, ${whole(rate)}/s`, whole(perSecond), p50p99(ms), '']);
  print('', ['bare, same run', 'per second', 'p50/p99 ms', 'CPU µs'], rows);
  for (const each of roundTrips) {
    if (keptUp(each)) continue;
    const rate = whole(each.rate);
    console.log(`  NOT COMPARED: a commit and two round trips did not keep up with ${rate}/s on this machine.`);
  }
}
