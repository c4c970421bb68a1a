import { measureByHand } from './by-hand.mjs';
import { missingServices, startCluster } from './cluster.mjs';
import { measureFanOut } from './fan-out.mjs';
import { measurePresence, presenceEnvironment } from './presence.mjs';
import { measureReads } from './reads.mjs';
import {
  measureBatchInsert,
  measureCommitAndRoundTrips,
  measureNaiveInsert,
  measureRequestReply,
  measureSendPath,
} from './send-path.mjs';
import { startStandalone } from './standalone.mjs';
import { measureStorm } from './storm.mjs';
import { TokenIssuer } from './token.mjs';
import { measureUploads } from './upload.mjs';

/** What a run consists of: each part has a deployment of its own, which goes with its resources. */
export class Parts {
  #options;
  #results;
  #say;
  #issuer = new TokenIssuer();

  constructor({ options, results, say }) {
    this.#options = options;
    this.#results = results;
    this.#say = say;
  }

  async standalone(resources) {
    this.#say('starting standalone ...');
    const bench = await this.#start(startStandalone, resources);
    if (this.#options.target !== 'cluster') {
      if (this.#isWanted('send')) await this.#standaloneSends(bench);
      if (this.#isWanted('upload')) await this.#uploads(bench);
      if (this.#isWanted('by-hand')) await this.#byHand(bench);
    }
    if (this.#isWanted('fanout')) {
      this.#say(`fan-out to ${this.#options.room}, and the bare loop ...`);
      this.#results.fanOut = await measureFanOut(bench);
    }
  }

  async cluster(resources) {
    if (await this.#isMissing('the cluster')) return;
    const { gateways, messaging } = this.#options;
    this.#say(`starting a cluster of ${gateways} gateways and ${messaging} messaging processes ...`);
    const bench = await this.#start(startCluster, resources);
    if (this.#isWanted('send')) await this.#clusterSends(bench);
    if (this.#isWanted('upload')) await this.#uploads(bench);
    if (this.#isWanted('by-hand')) await this.#byHand(bench);
  }

  /** With shorter leases than the other parts: on a cluster of its own. */
  async presence(resources) {
    if (await this.#isMissing('presence')) return;
    this.#say('starting a cluster for presence ...');
    const bench = await this.#start(startCluster, resources, { settings: presenceEnvironment });
    this.#results.presence = await measurePresence(bench);
  }

  /** On the cluster, unless it is to be the standalone server. */
  async storm(resources) {
    const start = this.#options.target === 'standalone' ? startStandalone : startCluster;
    this.#results.storm = await measureStorm(await this.#start(start, resources, { isInspected: true }));
  }

  /** On the standalone server's database, which is gone afterwards with all that was written. */
  async reads(resources) {
    this.#results.reads = await measureReads(await this.#start(startStandalone, resources));
  }

  /** @returns what the measurements take */
  async #start(start, resources, more = {}) {
    const options = this.#options;
    const issuer = this.#issuer;
    const deployment = await start({ issuer, resources, options, profileDir: options.profileDir, ...more });
    return { deployment, issuer, resources, options, say: this.#say };
  }

  #isWanted(part) {
    const { only } = this.#options;
    return only === undefined || only === part;
  }

  async #isMissing(what, needed) {
    const missing = (await missingServices()).filter((service) => needed?.includes(service) ?? true);
    if (missing.length > 0) this.#say(`LEFT OUT: ${what}, because ${missing.join(' and ')} did not answer.`);
    return missing.length > 0;
  }

  async #standaloneSends(bench) {
    this.#say('naive transactions on its database ...');
    const naive = { before: await measureNaiveInsert(bench) };
    this.#say('send path ...');
    const measured = await measureSendPath(bench);
    // The machine's neighbours change from minute to minute: what is compared stands between two readings.
    naive.after = await measureNaiveInsert(bench);
    this.#results.standalone = { name: 'standalone', ...measured, naive };
  }

  async #clusterSends(bench) {
    this.#say('bare inserts on its database, bare requests on its NATS ...');
    const naive = { before: await measureNaiveInsert(bench) };
    const batch = await measureBatchInsert(bench);
    const requestReply = await measureRequestReply(bench);
    this.#say('send path ...');
    const measured = await measureSendPath({ ...bench, isHalfWanted: true });
    naive.after = await measureNaiveInsert(bench);
    this.#say('a commit and two round trips, at half of that rate, and at the moderate one ...');
    const commitAndRoundTrips = {
      half: await measureCommitAndRoundTrips({ ...bench, rate: measured.half.rate }),
      open: await measureCommitAndRoundTrips({ ...bench, rate: measured.open.rate }),
    };
    this.#results.cluster = { name: 'cluster', ...measured, naive, batch, requestReply, commitAndRoundTrips };
  }

  async #uploads(bench) {
    const { uploads, megabytes } = this.#options;
    this.#say(`${uploads} uploads of ${megabytes} MB at once ...`);
    this.#results.uploads.push(await measureUploads(bench));
  }

  /** The server by hand needs Redis, which standalone does not. */
  async #byHand(bench) {
    if (await this.#isMissing('the server by hand', ['Redis'])) return;
    this.#results.byHand.push(await measureByHand(bench));
  }
}
