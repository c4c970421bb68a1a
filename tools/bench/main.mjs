// npm run bench: what Parley does and costs on this machine, beside what the same machine does without it.
import path from 'node:path';
import { missingServices, startCluster } from './cluster.mjs';
import { measureFanOut } from './fan-out.mjs';
import { parseOptions, usage } from './options.mjs';
import { machine, printResults, ratiosOf, writeResults } from './report.mjs';
import { Resources } from './resources.mjs';
import { measureBatchInsert, measureNaiveInsert, measureRequestReply, measureSendPath } from './send-path.mjs';
import { startStandalone } from './standalone.mjs';
import { TokenIssuer } from './token.mjs';

const resultsFile = path.resolve(import.meta.dirname, '../../bench-results.json');
const issuer = new TokenIssuer();

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

async function runStandalone(resources, options, results) {
  say('starting standalone ...');
  const deployment = await startStandalone({ issuer, resources, profileDir: options.profileDir });
  if (options.only !== 'fanout' && options.target !== 'cluster') {
    say('naive transactions on its database ...');
    const naive = await measureNaiveInsert({ deployment, resources, options });
    say('send path ...');
    results.standalone = { name: 'standalone', ...(await measureSendPath({ deployment, issuer, options })), naive };
  }
  if (options.only !== 'send') {
    say(`fan-out to ${options.room}, then the bare loop ...`);
    results.fanOut = await measureFanOut({ deployment, issuer, options });
  }
}

async function runCluster(resources, options, results) {
  const missing = await missingServices();
  if (missing.length > 0) {
    say(`LEFT OUT: the cluster, because ${missing.join(' and ')} did not answer.`);
    return;
  }
  say(`starting a cluster of ${options.gateways} gateways and ${options.messaging} messaging processes ...`);
  const deployment = await startCluster({ issuer, resources, options });
  say('bare inserts on its database, bare requests on its NATS ...');
  const naive = await measureNaiveInsert({ deployment, resources, options });
  const batch = await measureBatchInsert({ deployment, resources, options });
  const requestReply = await measureRequestReply({ deployment, options });
  say('send path ...');
  const measured = await measureSendPath({ deployment, issuer, options });
  results.cluster = { name: 'cluster', ...measured, naive, batch, requestReply };
}

async function run(options, running) {
  const results = { machine: machine(), options };
  if (options.only === 'fanout' || options.target !== 'cluster') {
    await within(running, (resources) => runStandalone(resources, options, results));
  }
  if (options.only !== 'fanout' && options.target !== 'standalone') {
    await within(running, (resources) => runCluster(resources, options, results));
  }
  results.ratios = ratiosOf(results);
  printResults(results);
  writeResults(resultsFile, results);
  return [results.standalone, results.cluster, results.fanOut].flatMap((part) => part?.failures ?? []);
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
  if (failures.length === 0) return say(`no message was lost, repeated or out of order; written to ${resultsFile}`);
  console.error(`\nbench: FAILED, messages were lost, repeated or out of order:\n${failures.join('\n')}`);
  process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.stack}`);
  process.exitCode = 1;
}
