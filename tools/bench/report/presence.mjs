import { print } from './table.mjs';

export function printPresence({ changes, idle }) {
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
