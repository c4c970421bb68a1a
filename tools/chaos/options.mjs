import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { faults } from './faults.mjs';

const faultNames = Object.keys(faults);

export const usage = `npm run chaos -- [options]

  --fault=<kind>   one kind of fault, over and over; \`mixed\` (default): all kinds in random order; \`all\`: a round of each
                   kind, one after another; \`none\`: only the load
                   kinds: ${faultNames.join(', ')}
  --seconds=<n>    how long the load and the faults of a round go on (default: mixed 140, else 30)
  --seed=<n>       replays a schedule of load and faults (default: a new one, which is printed)
  --users=<n>      users (default 60)
  --rate=<n>       operations a second of all users together (default 40)
  --keep           keeps the folder with the logs of all processes also where nothing is wrong

  Starts PostgreSQL, NATS and Redis of its own on free ports: \`nats-server\` and \`redis-server\` must be in PATH.
  Ends with 1 where a promise was broken.`;

const numbers = ['seconds', 'seed', 'users', 'rate'];

/** @throws TypeError or RangeError for what is not an option */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      fault: { type: 'string', default: 'mixed' },
      ...Object.fromEntries(numbers.map((name) => [name, { type: 'string' }])),
    },
  });
  if (!['mixed', 'all', 'none', ...faultNames].includes(values.fault))
    throw new RangeError(`--fault is mixed, all, none or one of ${faultNames.join(', ')}`);
  const number = (name, fallback) => wholeNumber(name, values[name], fallback);
  return {
    help: values.help,
    keep: values.keep,
    fault: values.fault,
    seconds: number('seconds', values.fault === 'mixed' ? 140 : 30),
    seed: number('seed', randomInt(1, 1_000_000_000)),
    users: number('users', 60),
    rate: number('rate', 40),
  };
}

function wholeNumber(name, value, fallback) {
  if (value === undefined) return fallback;
  if (!/^[1-9]\d{0,9}$/.test(value)) throw new RangeError(`--${name} must be a whole number above 0`);
  return Number(value);
}
