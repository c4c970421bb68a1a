// Tells when everybody is served again: somebody at each gateway, whom no fault between clients and gateways reaches.
import { setTimeout as delay } from 'node:timers/promises';
import { Device, plainClient, signToken } from './product.mjs';
import { RestCaller } from './rest-caller.mjs';

const pollMs = 100;
const attemptMs = 2_000;

class Prober {
  constructor({ id, url, token }) {
    this.id = id;
    this.rest = new RestCaller({ urls: [url], token });
    const given = { name: id, userId: id, token, urls: [url], first: 0, connect: plainClient, givesHeads: true };
    this.device = new Device(given);
  }
}

export class Probes {
  #deployment;
  #probers;
  #conversationId;
  #sent = 0;
  /** Every send that was begun. */
  wanted = [];

  static async create({ name, deployment }) {
    const probes = new Probes();
    probes.#deployment = deployment;
    probes.#probers = deployment.of('gateway').map(({ url, name: gateway }) => {
      const id = `${name}-probe-${gateway}`;
      return new Prober({ id, url, token: signToken({ sub: id, name: id }, deployment.secret) });
    });
    for (const { rest } of probes.#probers) await rest.call('GET', '/api/users/me');
    const [first, ...others] = probes.#probers;
    const body = { type: 'group', title: 'Probes', participant_ids: others.map(({ id }) => id) };
    probes.#conversationId = (await first.rest.call('POST', '/api/conversations', body)).id;
    for (const { device } of probes.#probers) device.start();
    await Promise.all(probes.#probers.map(({ device }) => device.connected()));
    return probes;
  }

  get devices() {
    return this.#probers.map(({ device }) => device);
  }

  /**
   * @returns {Promise<number | undefined>} milliseconds from now until a message that was sent at each gateway was
   *   acknowledged and has reached all of them, everybody is seen online everywhere, and all processes are healthy;
   *   undefined where that takes longer than `maxMs`
   * @param others devices that have to be connected by then, too
   */
  async recovery(maxMs, others) {
    const startedAt = performance.now();
    const late = new AbortController();
    const waiting = { isOver: false };
    const recovered = Promise.all([
      ...this.#probers.map((prober) => this.#messageFrom(prober, waiting)),
      ...this.#probers.map((prober) => this.#seesEverybody(prober, waiting)),
      ...this.#deployment.of().map((each) => this.#until(waiting, () => each.isHealthy())),
      this.#until(waiting, () => others.every(({ isConnected }) => isConnected)),
    ]);
    const timeout = delay(maxMs, 'late', { signal: late.signal }).catch(() => undefined);
    const outcome = await Promise.race([recovered, timeout]);
    waiting.isOver = true;
    late.abort();
    return outcome === 'late' ? undefined : performance.now() - startedAt;
  }

  async #messageFrom({ device, id }, waiting) {
    const key = `probe-${++this.#sent}`;
    this.wanted.push({ conversationId: this.#conversationId, userId: id, clientMessageId: key, content: key });
    let seq;
    await this.#until(waiting, async () => {
      const client = await device.connected();
      const body = { conversation_id: this.#conversationId, content: key, client_message_id: key };
      const ack = await Promise.race([client.emitWithAck('send_message', body), delay(attemptMs)]);
      seq = ack?.data?.message.seq;
      return ack?.ok === true;
    });
    const isShown = ({ device: { model } }) => (model.conversations.get(this.#conversationId)?.head.seq ?? 0) >= seq;
    await this.#until(waiting, () => this.#probers.every(isShown));
  }

  #seesEverybody({ rest, id }, waiting) {
    const others = this.#probers.filter((each) => each.id !== id);
    const query = others.map((each) => `user_ids=${each.id}`).join('&');
    return this.#until(waiting, async () => {
      const { statuses } = await rest.call('GET', `/api/users/status?${query}`);
      return statuses.length === others.length && statuses.every(({ status }) => status === 'online');
    });
  }

  /** Whatever fails is tried again. */
  async #until(waiting, isTrue) {
    while (!waiting.isOver) {
      if (await Promise.resolve(isTrue()).catch(() => false)) return;
      await delay(pollMs);
    }
  }

  async stop() {
    await Promise.all(this.devices.map((device) => device.stop()));
  }
}
