// npm run chaos: does the promise hold while things die?
import { Resources } from '../bench/resources.mjs';
import { faults } from './faults.mjs';
import { parseOptions, usage } from './options.mjs';

const startedAt = performance.now();
const say = (text) =>
  console.log(`chaos ${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s: ${text}`);

/** @returns {{ name: string, kinds: string[] }[]} */
function planRounds({ fault }) {
  const kinds = Object.keys(faults);
  if (fault === 'all') return ['none', ...kinds].map((kind) => ({ name: kind, kinds: kind === 'none' ? [] : [kind] }));
  if (fault === 'none') return [{ name: 'none', kinds: [] }];
  return [{ name: fault, kinds: fault === 'mixed' ? kinds : [fault] }];
}

async function run(options, resources, state) {
  const { Deployment } = await import('./deployment.mjs');
  const { RunDatabase } = await import('./database.mjs');
  const { Round } = await import('./round.mjs');
  const { printVerdicts } = await import('./report.mjs');
  const { Random } = await import('./random.mjs');
  say('starting PostgreSQL, NATS, Redis, 3 gateways, 2 messaging, presence and media ...');
  const deployment = await Deployment.start({ resources, keepsFolder: () => state.keepsFolder });
  state.folder = deployment.folder;
  const database = new RunDatabase(deployment.postgres.url());
  await database.prepare();
  const broken = [];
  for (const { name, kinds } of planRounds(options)) {
    say(
      `${name}: ${options.users} users, ${options.rate} operations a second, ${options.seconds} s, seed ${options.seed}`,
    );
    const random = new Random(options.seed);
    const round = new Round({ name, kinds, deployment, database, random, options, say });
    const result = await round.run();
    printVerdicts({ name, ...result });
    if (result.verdicts.some(({ violations }) => violations.length > 0)) broken.push(name);
  }
  return broken;
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const { missingPrograms } = await import('./services.mjs');
  const missing = missingPrograms();
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const resources = new Resources();
  const state = { keepsFolder: true, folder: undefined };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      await resources.release();
      process.exit(130);
    });
  }
  try {
    const broken = await run(options, resources, state);
    state.keepsFolder = options.keep || broken.length > 0;
    const seed = `--fault=${options.fault} --seconds=${options.seconds} --seed=${options.seed}`;
    if (broken.length === 0) return say(`every promise was kept (${seed})`);
    say(`BROKEN promises under ${broken.join(', ')}; again: npm run chaos -- ${seed}`);
    process.exitCode = 1;
  } finally {
    await resources.release();
    if (state.keepsFolder && state.folder) say(`the logs of all processes are in ${state.folder}`);
  }
}

try {
  await main();
} catch (error) {
  console.error(`chaos: ${error.stack}`);
  process.exitCode = 1;
}
process.exit();
