import { setTimeout as delay } from 'node:timers/promises';
import type { MessageView, ServerFrame } from '@parley/contracts';
import { type Ack, type ChatClient, FrameRefused, patienceMs, type SendBody, type Transport } from '@parley/testing';
import type { Person } from './chat.scene';
import type { Witness } from './history.checker';

/** Between two attempts to connect or to send, in milliseconds. */
const retryMs = 50;

/** A device as an app has it: it comes back with its heads when its connection ends, and repeats sends until they are answered. */
export class SteadyDevice {
  private client: ChatClient | undefined;
  private stopped = false;
  private attempts = 0;
  private readonly running: Promise<void>;

  private constructor(
    private readonly person: Person,
    private readonly transport: Transport,
    private readonly witness: Witness,
    private gateway: number,
  ) {
    this.running = this.run();
  }

  /** @param gateway where it connects first; after that to the next one each time. */
  static async start(person: Person, transport: Transport, witness: Witness, gateway: number): Promise<SteadyDevice> {
    const device = new SteadyDevice(person, transport, witness, gateway);
    await device.connected();
    return device;
  }

  /** How often it had to come back. */
  get reconnects(): number {
    return this.attempts - 1;
  }

  /** Sends until it is acknowledged, by whichever gateway. @throws FrameRefused for a refusal that stays one. */
  async send(conversationId: string, body: SendBody & { readonly client_message_id: string }): Promise<MessageView> {
    const deadline = Date.now() + 2 * patienceMs;
    for (;;) {
      try {
        return await (await this.connected()).send(conversationId, body);
      } catch (error) {
        const isFinal = error instanceof FrameRefused && !error.problem.retryable;
        if (isFinal || Date.now() > deadline) throw error;
        await delay(retryMs);
      }
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.client?.close();
    await this.running;
  }

  private async connected(): Promise<ChatClient> {
    const deadline = Date.now() + 2 * patienceMs;
    while (!this.client) {
      if (Date.now() > deadline) throw new Error(`${this.witness.name} finds no gateway`);
      await delay(retryMs);
    }
    return this.client;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const client = this.person.connect(this.transport, { gateway: this.gateway++, heads: this.witness.position() });
      this.witness.watch(client);
      const isOpen = await this.catchUp(client).then(
        () => true,
        () => false,
      );
      if (isOpen) {
        this.attempts++;
        this.client = client;
        if (this.stopped) client.close();
        await client.closed;
        this.client = undefined;
      } else {
        client.close();
        await delay(retryMs);
      }
    }
  }

  /** The handshake tells what was missed; the rest of a long answer is asked for. */
  private async catchUp(client: ChatClient): Promise<void> {
    await client.session;
    let missed = await client.nextEvent('synced');
    while (missed.has_more) {
      const ack: Ack<ServerFrame<'synced'>> = await client.emitWithAck('sync', { heads: this.witness.position() });
      if (!ack.ok) throw new FrameRefused(ack.error);
      missed = ack.data;
      this.witness.catchUp(missed);
    }
  }
}
