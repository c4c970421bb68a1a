// A cluster of Parley with everything that it stands on, and the network between.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverEnvironment } from '../bench/environment.mjs';
import { AppProcess } from './app-process.mjs';
import { freePort } from './product.mjs';
import { Nats, Postgres, Redis } from './services.mjs';
import { TcpProxy } from './tcp-proxy.mjs';
import { shortTimes } from './times.mjs';

const processesOf = { messaging: 2, presence: 1, media: 1, gateway: 3 };
/** Clocks that are wrong all the time, by almost as much as is allowed: longer than any call may take. */
const clocksOffMs = { 'gateway-3': -50_000, 'messaging-2': 50_000 };

export class Deployment {
  secret = randomBytes(32).toString('base64url');
  /** By name: what a gateway reaches NATS and Redis through. */
  links = new Map();
  /** By gateway's name: what clients reach it through. */
  doors = new Map();
  processes = [];

  /** @param resources what is started is entered there, to be released in reverse order */
  static async start({ resources, keepsFolder }) {
    const deployment = new Deployment();
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-chaos-'));
    // PostgreSQL refuses to run as root and is then another user's process, which has to get through.
    chmodSync(folder, 0o711);
    deployment.folder = folder;
    resources.defer(folder, () => (keepsFolder() ? undefined : rmSync(folder, { recursive: true, force: true })));
    await deployment.#startServices(resources);
    await deployment.#startProcesses(resources);
    return deployment;
  }

  /** @param app one of the kinds, or nothing for all of them */
  of(app) {
    return this.processes.filter((each) => app === undefined || each.app === app);
  }

  /** http:// URLs of the gateways as clients know them: through a network that can fail. */
  get urls() {
    return [...this.doors.values()].map(({ port }) => `http://127.0.0.1:${port}`);
  }

  /** What the processes did that they should not, since it was taken last. */
  take(what) {
    return this.processes.flatMap((each) => each[what].splice(0));
  }

  async #startServices(resources) {
    const { folder } = this;
    this.postgres = new Postgres({ port: await freePort(), folder });
    this.nats = new Nats({ port: await freePort(), folder });
    this.redis = new Redis({ port: await freePort(), folder });
    resources.defer('PostgreSQL', () => this.postgres.stop());
    resources.defer('NATS', () => this.nats.stop());
    resources.defer('Redis', () => this.redis.stop());
    await Promise.all([this.postgres.create(), this.nats.start(), this.redis.start()]);
  }

  async #startProcesses(resources) {
    const mediaPort = await freePort();
    const env = serverEnvironment({
      JWT_SECRET: this.secret,
      MEDIA_SECRET: this.secret,
      MEDIA_URL: `http://127.0.0.1:${mediaPort}`,
      DATA_DIR: path.join(this.folder, 'data'),
      DATABASE_URL: this.postgres.url(),
      NATS_URL: `nats://127.0.0.1:${this.nats.port}`,
      REDIS_URL: `redis://127.0.0.1:${this.redis.port}`,
      LOG_LEVEL: 'info',
      ...shortTimes,
    });
    for (const [app, count] of Object.entries(processesOf)) {
      for (let number = 1; number <= count; number++) {
        const name = `${app}-${number}`;
        const port = app === 'media' ? mediaPort : await freePort();
        const own = app === 'gateway' ? await this.#networkOf(name, port, resources) : {};
        const { folder } = this;
        const clockOffMs = clocksOffMs[name];
        this.processes.push(new AppProcess({ name, app, port, env: { ...env, ...own }, folder, clockOffMs }));
      }
    }
    // Gateways first: what they still have in flight is answered by the others.
    for (const app of ['gateway', 'messaging', 'presence', 'media'].reverse()) {
      resources.defer(app, () => Promise.all(this.of(app).map((each) => each.end('SIGTERM'))));
    }
    for (const each of this.processes) each.start();
    await Promise.all(this.processes.map((each) => each.becomesHealthy()));
  }

  /** @returns the settings that lead a gateway through proxies */
  async #networkOf(name, port, resources) {
    const proxy = async (target) => {
      const listening = await freePort();
      const opened = await new TcpProxy(target).open(listening);
      resources.defer(`a proxy of ${name}`, () => opened.close());
      return { proxy: opened, port: listening };
    };
    const [nats, redis] = [await proxy(this.nats.port), await proxy(this.redis.port)];
    this.links.set(name, { nats: nats.proxy, redis: redis.proxy });
    this.doors.set(name, await proxy(port));
    return { NATS_URL: `nats://127.0.0.1:${nats.port}`, REDIS_URL: `redis://127.0.0.1:${redis.port}` };
  }
}
