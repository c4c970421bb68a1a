// Parley as a cluster on one machine: GATEWAYS=2 MESSAGING=2 PRESENCE=1 MEDIA=1 node tools/cluster.mjs
// Needs NATS, Redis and PostgreSQL (NATS_URL, REDIS_URL, DATABASE_URL; the usual ports of 127.0.0.1). Gateways listen on
// PORT, PORT + 1, ...; the other processes answer /health from PORT + 100 on. What is wrong with any setting is said first.
// A process that dies is reported and, with RESTART=true, started again. SIGTERM drains all and exits with 0.
// CLUSTER_STATE_FILE=<file>: once all are healthy, { processes: [{ name, pid, port }] } is written there.
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppProcess, localHost } from './cluster/app-process.mjs';
import { othersOffset, readConfiguration } from './cluster/configuration.mjs';
import { missingServices, sharedEnvironment } from './cluster/environment.mjs';
import { isReachable } from './reachable.mjs';

const startTimeoutMs = 60_000;
const restartDelayMs = 1_000;

process.chdir(path.resolve(import.meta.dirname, '..'));

const say = (text) => console.log(`cluster      | ${text}`);

/** npm passes a Ctrl-C on to a process that has had it from the terminal: what comes so soon is the same one. */
const sameSignalMs = 1_000;

/** When the end began; undefined while the cluster serves. */
let stoppingSince;

function plan(env, { host, port, gateways, ...others }) {
  const replicas = (app, total) => Array.from({ length: total }, (_, index) => ({ app, index: index + 1 }));
  const processes = [
    ...replicas('gateway', gateways).map((each, index) => ({ ...each, port: port + index })),
    ...['messaging', 'presence', 'media']
      .flatMap((app) => replicas(app, others[app]))
      .map((each, index) => ({ ...each, port: port + othersOffset + index })),
  ];
  const media = processes.find(({ app }) => app === 'media');
  const files = env.MEDIA_URL ? {} : { MEDIA_URL: `http://${localHost(host)}:${media.port}` };
  return processes.map((each) => new AppProcess({ ...each, env: { ...env, ...files, HOST: host } }));
}

/** Sentences on the ports that other programs hold: their answers would be taken for those of the processes. */
async function takenPorts(processes) {
  const answered = await Promise.all(processes.map(({ url, port }) => isReachable(url, port)));
  const taken = processes.filter((_, index) => answered[index]);
  if (taken.length === 0) return [];
  const advice = 'Stop what listens there, or choose another PORT.';
  return [...taken.map(({ name, url }) => `${url}, meant for ${name}, is taken.`), advice];
}

async function watch(appProcess, processes, settings) {
  const how = await appProcess.exited;
  if (stoppingSince !== undefined) return;
  say(`${appProcess.name} ended unexpectedly (${how}); the others go on.`);
  if (!settings.restart) return;
  await delay(restartDelayMs);
  if (stoppingSince !== undefined) return;
  appProcess.start();
  void watch(appProcess, processes, settings);
  if (!(await appProcess.becomesHealthy())) return;
  say(`${appProcess.name} serves again.`);
  writeState(processes, settings.stateFile);
}

/** Gateways first: what they still have in flight is answered by the others. */
async function stop(processes, exitCode) {
  stoppingSince = performance.now();
  const isGateway = ({ app }) => app === 'gateway';
  await drain(processes.filter(isGateway));
  await drain(processes.filter((each) => !isGateway(each)));
  process.exit(exitCode);
}

async function drain(processes) {
  for (const each of processes) each.signal('SIGTERM');
  await Promise.all(processes.map(({ exited }) => exited));
}

function stopOnSignal(processes) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (stoppingSince === undefined) {
        say('draining ...');
        void stop(processes, 0);
      } else if (performance.now() - stoppingSince > sameSignalMs) {
        for (const each of processes) each.signal('SIGKILL');
      }
    });
  }
}

/** Written beside and renamed: a reader sees all of it or nothing. */
function writeState(processes, file) {
  if (!file) return;
  const state = { processes: processes.map(({ name, pid, port }) => ({ name, pid, port })) };
  writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`);
  renameSync(`${file}.new`, file);
}

/** Where clients connect and, with the development issuer, how to get a token: what one needs first. */
function welcome(urls, hasDevIssuer) {
  say(`Parley is up: ${urls.join(' ')}`);
  say(`API docs: ${urls[0]}/docs`);
  if (!hasDevIssuer) return;
  const body = `-H 'Content-Type: application/json' -d '{"user_id":"alice","name":"Alice"}'`;
  say(`A token for Alice: curl -s ${urls[0]}/api/auth/dev-token ${body}`);
}

function refuseToStart(problems) {
  if (problems.length === 0) return;
  problems.forEach(say);
  process.exit(1);
}

async function main() {
  const env = sharedEnvironment();
  const { cluster: settings, auth, problems } = await readConfiguration(env);
  refuseToStart(problems);
  const processes = plan(env, settings);
  refuseToStart([...(await missingServices(env)), ...(await takenPorts(processes))]);
  stopOnSignal(processes);
  for (const each of processes) each.start();
  const late = setTimeout(() => {
    say(`not healthy within ${startTimeoutMs / 1_000} s; giving up.`);
    void stop(processes, 1);
  }, startTimeoutMs);
  const healthy = await Promise.all(processes.map((each) => each.becomesHealthy()));
  clearTimeout(late);
  if (stoppingSince !== undefined) return;
  const failed = processes.filter((_, index) => !healthy[index]);
  if (failed.length > 0) {
    say(`${failed.map(({ name }) => name).join(', ')} did not start; stopping the others.`);
    return stop(processes, 1);
  }
  for (const each of processes) void watch(each, processes, settings);
  writeState(processes, settings.stateFile);
  welcome(
    processes.filter(({ app }) => app === 'gateway').map(({ url }) => url),
    auth.devIssuer,
  );
}

await main();
