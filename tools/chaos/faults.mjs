// What can go wrong. Each fault does its harm, undoes it, and returns: from there on everybody has to recover.
import { setTimeout as delay } from 'node:timers/promises';
import { drainMs } from './times.mjs';

const pauseMs = 10_000;
const halfOpenMs = 8_000;
const cutMs = 7_000;
/** A process that is asked to end has done so within this time: DRAIN_SECONDS and what is in flight. */
const maxEndMs = drainMs + 8_000;

/** A killed process comes back after this time, as a supervisor would bring it. */
const restartMs = [500, 2_500];
/** A service that is restarted is away for this time. */
const awayMs = [1_000, 4_000];

const killOneOf =
  (app) =>
  async ({ deployment, random, say }) => {
    const victim = random.pick(deployment.of(app));
    say(`kill -9 ${victim.name}`);
    await victim.end('SIGKILL');
    await delay(random.between(...restartMs));
    victim.start();
  };

const pauseOneOf =
  (app) =>
  async ({ deployment, random, say }) => {
    const victim = random.pick(deployment.of(app));
    say(`SIGSTOP ${victim.name} for ${pauseMs / 1_000} s`);
    victim.pause();
    await delay(pauseMs);
    victim.resume();
  };

const restartPostgres =
  (mode) =>
  async ({ deployment, random, say }) => {
    say(`PostgreSQL stops (${mode})`);
    await deployment.postgres.halt(mode);
    await delay(random.between(...awayMs));
    await deployment.postgres.start();
  };

const cutFrom =
  (service) =>
  async ({ deployment, random, say }) => {
    const [name, link] = random.pick([...deployment.links]);
    say(`${name} is cut off from ${service} for ${cutMs / 1_000} s`);
    link[service].freeze();
    await delay(cutMs);
    link[service].thaw();
  };

export const faults = {
  'kill-gateway': killOneOf('gateway'),
  'kill-messaging': killOneOf('messaging'),
  'kill-presence': killOneOf('presence'),
  'kill-media': killOneOf('media'),
  'pause-gateway': pauseOneOf('gateway'),
  'pause-messaging': pauseOneOf('messaging'),

  async 'restart-nats'({ deployment, random, say }) {
    say('NATS is killed');
    await deployment.nats.stop();
    await delay(random.between(...awayMs));
    await deployment.nats.start();
  },

  async 'wipe-nats'({ deployment, random, say }) {
    say('NATS is killed and loses its store');
    await deployment.nats.stop();
    deployment.nats.wipe();
    await delay(random.between(...awayMs));
    await deployment.nats.start();
  },

  async 'restart-redis'({ deployment, random, say }) {
    say('Redis is killed');
    await deployment.redis.stop();
    await delay(random.between(...awayMs));
    await deployment.redis.start();
  },

  async 'flush-redis'({ deployment, say }) {
    say('Redis forgets everything (FLUSHALL)');
    await deployment.redis.flush();
  },

  'restart-postgres': restartPostgres('fast'),
  'crash-postgres': restartPostgres('immediate'),

  async 'drop-clients'({ deployment, random, say }) {
    const [name, { proxy }] = random.pick([...deployment.doors]);
    say(`all client connections of ${name} are reset`);
    proxy.reset();
  },

  async 'half-open-clients'({ deployment, random, say }) {
    const [name, { proxy }] = random.pick([...deployment.doors]);
    say(`half of the client connections of ${name} go dead without a word for ${halfOpenMs / 1_000} s`);
    proxy.swallow(() => random.next() < 0.5);
    await delay(halfOpenMs);
    proxy.forgetSwallowed();
  },

  'cut-nats': cutFrom('nats'),
  'cut-redis': cutFrom('redis'),

  /** In order, as a deployment of a new version does: nothing may fail that is tried again. */
  async 'rolling-restart'({ deployment, say, complain }) {
    for (const app of ['messaging', 'gateway', 'presence', 'media']) {
      for (const each of deployment.of(app)) {
        say(`SIGTERM ${each.name}`);
        const askedAt = performance.now();
        const code = await each.end('SIGTERM');
        if (code !== 0) complain(`${each.name} did not end in order on SIGTERM (${code ?? 'killed'})`);
        const tookMs = performance.now() - askedAt;
        if (tookMs > maxEndMs) complain(`${each.name} took ${Math.round(tookMs)} ms to end on SIGTERM`);
        each.start();
        await each.becomesHealthy();
      }
    }
  },
};

/** By kind, what it is done to. */
export const targets = Object.fromEntries(
  Object.keys(faults).map((kind) => {
    if (/nats$|redis$|postgres$/.test(kind) && !kind.startsWith('cut-')) return [kind, 'services'];
    return [kind, /^(cut|drop|half-open)-/.test(kind) ? 'network' : 'processes'];
  }),
);
