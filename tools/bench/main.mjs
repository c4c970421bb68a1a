// npm run bench: what Parley does and costs on this machine, beside what the same machine does without it.
import path from 'node:path';
import { parseOptions, usage } from './options.mjs';
import { Parts } from './parts.mjs';
import { ratiosOf } from './report/ratios.mjs';
import { machine, printResults, writeResults } from './report/report.mjs';
import { Resources } from './resources.mjs';

const resultsFile = path.resolve(import.meta.dirname, '../../bench-results.json');

const say = (text) => console.log(`bench: ${text}`);

/** Runs `work` with the resources of one deployment, which are gone afterwards. */
async function within(running, work) {
  const resources = new Resources();
  running.add(resources);
  try {
    return await work(resources);
  } finally {
    await resources.release();
    running.delete(resources);
  }
}

/** In their order, each with a deployment of its own. */
function deploymentsOf({ only, target }) {
  if (only === 'storm' || only === 'reads' || only === 'presence') return [only];
  if (only === 'fanout') return ['standalone'];
  const all = only === undefined ? ['presence', 'standalone', 'cluster'] : ['standalone', 'cluster'];
  const other = { standalone: ['presence', 'cluster'], cluster: ['standalone'] };
  return all.filter((deployment) => !other[target]?.includes(deployment));
}

/** @returns what is wrong */
async function run(options, running) {
  const results = { machine: machine(), options, uploads: [], byHand: [] };
  const parts = new Parts({ options, results, say });
  for (const each of deploymentsOf(options)) await within(running, (resources) => parts[each](resources));
  results.ratios = ratiosOf(results);
  printResults(results);
  writeResults(resultsFile, results);
  const { standalone, cluster, fanOut, presence, storm, uploads, byHand } = results;
  return [standalone, cluster, fanOut, presence, storm, ...uploads, ...byHand].flatMap((part) => part?.failures ?? []);
}

/** An interrupted run leaves nothing behind either. */
function releaseOnSignal(running) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      for (const resources of running) await resources.release();
      process.exit(130);
    });
  }
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const running = new Set();
  releaseOnSignal(running);
  const failures = await run(options, running);
  if (failures.length === 0) return say(`nothing was lost, repeated or out of order; written to ${resultsFile}`);
  console.error(`\nbench: FAILED, something was lost, repeated or out of order:\n${failures.join('\n')}`);
  process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.stack}`);
  process.exitCode = 1;
}
