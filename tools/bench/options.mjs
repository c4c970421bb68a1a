import { parseArgs } from 'node:util';

export const usage = `npm run bench -- [options]

  --only=send|fanout   only the send path, or only the fan-out
  --target=standalone|cluster
                       the send path on one of both (default: both)
  --seconds=<n>        how long each part is measured (default 6)
  --quick              2 seconds each, 200 sockets in the room: to see that it runs, not to be believed
  --in-flight=<n>      sends in flight (default 100)
  --sockets=<n>        sockets that send (default 50)
  --rate=<n>           sends a second of the open loop (default 2000)
  --room=<n>           participants of the fan-out's conversation (default 1000, which is the most)
  --gateways=<n> --messaging=<n>
                       processes of the cluster (default 2 and 2)
  --profile=<dir>      write a CPU profile of each Parley process there (which costs speed)

  The cluster uses NATS_URL, REDIS_URL and DATABASE_URL (defaults: the usual ports of 127.0.0.1), with a database, subjects and
  keys of its own, and removes them. Without NATS, Redis or PostgreSQL its part is left out, loudly.`;

const numbers = ['seconds', 'in-flight', 'sockets', 'rate', 'room', 'gateways', 'messaging'];

/** @throws TypeError or RangeError for what is not an option */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      target: { type: 'string' },
      profile: { type: 'string' },
      ...Object.fromEntries(numbers.map((name) => [name, { type: 'string' }])),
    },
  });
  oneOf('only', values.only, ['send', 'fanout']);
  oneOf('target', values.target, ['standalone', 'cluster']);
  const number = (name, fallback) => wholeNumber(name, values[name], fallback);
  return {
    help: values.help,
    only: values.only,
    target: values.target,
    profileDir: values.profile,
    seconds: number('seconds', values.quick ? 2 : 6),
    warmupSeconds: values.quick ? 1 : 3,
    inFlight: number('in-flight', 100),
    sockets: number('sockets', 50),
    rate: number('rate', 2_000),
    room: number('room', values.quick ? 200 : 1_000),
    gateways: number('gateways', 2),
    messaging: number('messaging', 2),
  };
}

function oneOf(name, value, allowed) {
  if (value !== undefined && !allowed.includes(value))
    throw new RangeError(`--${name} is one of ${allowed.join(', ')}`);
}

function wholeNumber(name, value, fallback) {
  if (value === undefined) return fallback;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new RangeError(`--${name} must be a whole number above 0`);
  return Number(value);
}
