import { parseArgs } from 'node:util';

export const usage = `npm run bench -- [options]

  --only=send|fanout|by-hand|upload|presence|storm|reads
                       only the send path, the fan-out, Parley beside a server written by hand, many large uploads at once,
                       or what presence costs the cluster; and idle sockets and a storm of reconnects, or reads of a long list
                       and a long history, which only this runs
  --target=standalone|cluster
                       the send path, the server by hand and the uploads on one of both (default: both)
  --seconds=<n>        how long each part is measured (default 6)
  --quick              2 seconds each, few sockets in the rooms: to see that it runs, not to be believed
  --in-flight=<n>      sends in flight (default 100)
  --sockets=<n>        sockets that send (default 50)
  --rate=<n>           sends a second of the open loop (default 2000)
  --room=<n>           participants of the fan-out's conversation (default 1000)
  --uploads=<n> --megabytes=<n>
                       uploads at once, and the size of each (default 20 and 50)
  --contacts=<n> --lookers=<n> --online=<n>
                       contacts of a user whose presence changes, how many of them look, and connections that do nothing
                       (default 2000, 100 and 2000)
  --idle=<n> --drop=<n>
                       idle sockets, and how many of them drop and come back at once (default 10000 and 2000)
  --messages=<n>       messages of the long history (default 5000000)
  --gateways=<n> --messaging=<n>
                       processes of the cluster (default 2 and 2)
  --profile=<dir>      write a CPU profile of each Parley process there (which costs speed)

  The cluster uses NATS_URL, REDIS_URL and DATABASE_URL (defaults: the usual ports of 127.0.0.1), with a database, subjects and
  keys of its own, and removes them. Without NATS, Redis or PostgreSQL its part is left out, loudly; without Redis the server
  by hand, too.`;

const numbers = [
  'seconds',
  'in-flight',
  'sockets',
  'rate',
  'room',
  'gateways',
  'messaging',
  'uploads',
  'megabytes',
  'contacts',
  'lookers',
  'online',
  'idle',
  'drop',
  'messages',
];

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
  oneOf('only', values.only, ['send', 'fanout', 'by-hand', 'upload', 'presence', 'storm', 'reads']);
  oneOf('target', values.target, ['standalone', 'cluster']);
  const number = (name, fallback) => wholeNumber(name, values[name], fallback);
  return {
    help: values.help,
    only: values.only,
    target: values.target,
    profileDir: values.profile,
    seconds: number('seconds', values.quick ? 2 : 6),
    /** A server runs for days: what V8 compiles in its first seconds is not what a message costs. The baselines get the same. */
    warmupSeconds: values.quick ? 1 : 10,
    inFlight: number('in-flight', 100),
    sockets: number('sockets', 50),
    rate: number('rate', 2_000),
    room: number('room', values.quick ? 200 : 1_000),
    /** Of both conversations in which Parley is measured beside the server by hand. */
    rooms: values.quick ? [100, 300] : [100, 2_000],
    contacts: number('contacts', values.quick ? 200 : 2_000),
    lookers: number('lookers', values.quick ? 50 : 100),
    online: number('online', values.quick ? 200 : 2_000),
    gateways: number('gateways', 2),
    messaging: number('messaging', 2),
    uploads: number('uploads', values.quick ? 5 : 20),
    megabytes: Math.min(50, number('megabytes', 50)),
    idle: number('idle', values.quick ? 1_000 : 10_000),
    drop: number('drop', values.quick ? 200 : 2_000),
    messages: number('messages', values.quick ? 100_000 : 5_000_000),
  };
}

function oneOf(name, value, allowed) {
  if (value !== undefined && !allowed.includes(value))
    throw new RangeError(`--${name} is one of ${allowed.join(', ')}`);
}

function wholeNumber(name, value, fallback) {
  if (value === undefined) return fallback;
  if (!/^[1-9]\d{0,7}$/.test(value)) throw new RangeError(`--${name} must be a whole number above 0`);
  return Number(value);
}
