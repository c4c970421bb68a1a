import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const host = '127.0.0.1';

/** A connection through the proxy: what one side says the other one hears, unless it is disturbed. */
class Pair {
  #inbound;
  #outbound;
  #target;
  #onEnd;
  /** Bytes stand still: neither side learns that the other one is gone. */
  #isFrozen = false;
  /** Bytes are lost from now on, and so is the end of either side. */
  #isSwallowing = false;

  constructor(inbound, target, onEnd) {
    this.#inbound = inbound;
    this.#target = target;
    this.#onEnd = onEnd;
    inbound.setNoDelay(true);
    this.#watch(inbound);
  }

  join() {
    this.#outbound = connect({ host, port: this.#target, noDelay: true });
    this.#watch(this.#outbound);
    this.#pipe();
  }

  /** As if the network between both were cut: what is said arrives when it is mended. */
  freeze() {
    this.#isFrozen = true;
    for (const socket of this.#sockets()) socket.unpipe().pause();
  }

  thaw() {
    this.#isFrozen = false;
    if (this.#sockets().some(({ destroyed }) => destroyed)) this.destroy();
    else if (this.#outbound) this.#pipe();
    else this.join();
  }

  /** As if the other side had vanished without a word. */
  swallow() {
    this.#isSwallowing = true;
    for (const socket of this.#sockets()) socket.unpipe().resume();
  }

  get isSwallowing() {
    return this.#isSwallowing;
  }

  reset() {
    for (const socket of this.#sockets()) socket.resetAndDestroy();
    this.#onEnd(this);
  }

  destroy() {
    for (const socket of this.#sockets()) socket.destroy();
    this.#onEnd(this);
  }

  #sockets() {
    return this.#outbound ? [this.#inbound, this.#outbound] : [this.#inbound];
  }

  #pipe() {
    this.#inbound.pipe(this.#outbound);
    this.#outbound.pipe(this.#inbound);
  }

  #watch(socket) {
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      if (!this.#isFrozen && !this.#isSwallowing) this.destroy();
    });
  }
}

/** Stands between clients and a server, and is the network that fails. */
export class TcpProxy {
  #pairs = new Set();
  #isFrozen = false;
  #server;
  #target;

  /** @param target the port that it leads to */
  constructor(target) {
    this.#target = target;
  }

  /** @param port that it listens on */
  async open(port) {
    this.#server = createServer({ pauseOnConnect: true }, (inbound) => this.#accept(inbound));
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return this;
  }

  /** Ends all connections with a TCP reset; new ones get through. */
  reset() {
    for (const pair of [...this.#pairs]) pair.reset();
  }

  /** Nothing gets through, until `thaw`. */
  freeze() {
    this.#isFrozen = true;
    for (const pair of this.#pairs) pair.freeze();
  }

  thaw() {
    this.#isFrozen = false;
    for (const pair of [...this.#pairs]) pair.thaw();
  }

  /** Some of the present connections lose all that is said from now on; new ones work. */
  swallow(isChosen) {
    for (const pair of this.#pairs) if (isChosen()) pair.swallow();
  }

  /** What has been swallowing is gone for good. */
  forgetSwallowed() {
    for (const pair of [...this.#pairs]) if (pair.isSwallowing) pair.destroy();
  }

  close() {
    this.#server.close();
    for (const pair of [...this.#pairs]) pair.destroy();
  }

  #accept(inbound) {
    const pair = new Pair(inbound, this.#target, (ended) => this.#pairs.delete(ended));
    this.#pairs.add(pair);
    if (this.#isFrozen) pair.freeze();
    else pair.join();
  }
}
