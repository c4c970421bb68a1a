// npm run bench: what Parley does and costs on this machine, beside what the same machine does without it.
import path from 'node:path';
import { missingServices, startCluster } from './cluster.mjs';
import { measureFanOut } from './fan-out.mjs';
import { parseOptions, usage } from './options.mjs';
import { measurePresence, presenceEnvironment } from './presence.mjs';
import { measureReads } from './reads.mjs';
import { machine, printResults, ratiosOf, writeResults } from './report.mjs';
import { Resources } from './resources.mjs';
import { measureBatchInsert, measureNaiveInsert, measureRequestReply, measureSendPath } from './send-path.mjs';
import { measureStorm } from './storm.mjs';
import { startStandalone } from './standalone.mjs';
import { TokenIssuer } from './token.mjs';
import { measureUploads } from './upload.mjs';

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

const isWanted = (part, { only }) => only === undefined || only === part;

function runUploads(deployment, options) {
  say(`${options.uploads} uploads of ${options.megabytes} MB at once ...`);
  return measureUploads({ deployment, issuer, options });
}

async function runStandalone(resources, options, results) {
  say('starting standalone ...');
  const deployment = await startStandalone({ issuer, resources, profileDir: options.profileDir });
  const isTarget = options.target !== 'cluster';
  if (isWanted('send', options) && isTarget) {
    say('naive transactions on its database ...');
    const naive = await measureNaiveInsert({ deployment, resources, options });
    say('send path ...');
    results.standalone = { name: 'standalone', ...(await measureSendPath({ deployment, issuer, options })), naive };
  }
  if (isWanted('upload', options) && isTarget) results.uploads.push(await runUploads(deployment, options));
  if (isWanted('fanout', options)) {
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
  if (isWanted('send', options)) await runClusterSends(deployment, resources, options, results);
  if (isWanted('upload', options)) results.uploads.push(await runUploads(deployment, options));
}

async function runClusterSends(deployment, resources, options, results) {
  say('bare inserts on its database, bare requests on its NATS ...');
  const naive = await measureNaiveInsert({ deployment, resources, options });
  const batch = await measureBatchInsert({ deployment, resources, options });
  const requestReply = await measureRequestReply({ deployment, options });
  say('send path ...');
  const measured = await measureSendPath({ deployment, issuer, options });
  results.cluster = { name: 'cluster', ...measured, naive, batch, requestReply };
}

/** With shorter leases than the other parts: on a cluster of its own. */
async function runPresence(resources, options, results) {
  const missing = await missingServices();
  if (missing.length > 0) return say(`LEFT OUT: presence, because ${missing.join(' and ')} did not answer.`);
  say('starting a cluster for presence ...');
  const deployment = await startCluster({ issuer, resources, options, settings: presenceEnvironment });
  results.presence = await measurePresence({ deployment, issuer, options, say });
}

/** On the cluster, unless it is to be the standalone server. */
async function runStorm(resources, options, results) {
  const start = options.target === 'standalone' ? startStandalone : startCluster;
  const deployment = await start({ issuer, resources, options, isInspected: true });
  results.storm = await measureStorm({ deployment, issuer, options, resources, say });
}

/** On the standalone server's database, which is gone afterwards with all that was written. */
async function runReads(resources, options, results) {
  const deployment = await startStandalone({ issuer, resources, profileDir: options.profileDir });
  results.reads = await measureReads({ deployment, issuer, options, say });
}

async function run(options, running) {
  const results = { machine: machine(), options, uploads: [] };
  if (options.only === 'storm') {
    await within(running, (resources) => runStorm(resources, options, results));
    return finish(results);
  }
  if (options.only === 'reads') {
    await within(running, (resources) => runReads(resources, options, results));
    return finish(results);
  }
  if (isWanted('presence', options) && options.target !== 'standalone') {
    await within(running, (resources) => runPresence(resources, options, results));
    if (options.only === 'presence') return finish(results);
  }
  if (options.only === 'fanout' || options.target !== 'cluster') {
    await within(running, (resources) => runStandalone(resources, options, results));
  }
  if (options.only !== 'fanout' && options.target !== 'standalone') {
    await within(running, (resources) => runCluster(resources, options, results));
  }
  return finish(results);
}

/** @returns what is wrong */
function finish(results) {
  results.ratios = ratiosOf(results);
  printResults(results);
  writeResults(resultsFile, results);
  return [
    results.standalone,
    results.cluster,
    results.fanOut,
    results.presence,
    results.storm,
    ...results.uploads,
  ].flatMap((part) => part?.failures ?? []);
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
