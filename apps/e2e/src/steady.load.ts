import type { MessageView } from '@parley/contracts';
import { type ChatScene, type Person, transports } from './chat.scene';
import { HistoryChecker, Witness } from './history.checker';
import { SteadyDevice } from './steady.device';

const people = 6;
const conversations = 2;
/** Sends of one device that are under way at a time. */
const lanes = 4;

/** People who keep talking in two conversations, whatever happens to the servers, until they are told to stop. */
export class SteadyLoad {
  private readonly checker = new HistoryChecker();
  private readonly waiting = new Set<() => void>();
  private readonly work: Promise<void>[] = [];
  private acked = 0;
  private isTalking = true;

  private constructor(
    private readonly everybody: readonly Person[],
    private readonly conversationIds: readonly string[],
    private readonly devices: readonly SteadyDevice[],
    private readonly witnesses: readonly Witness[],
  ) {
    for (const witness of witnesses) this.checker.expect(witness, conversationIds);
    this.work = devices.flatMap((device, index) =>
      Array.from({ length: lanes }, (_, lane) => this.talk(device, `${index}.${lane}`)),
    );
    // Told by `further` and `finish`, whichever comes next.
    Promise.all(this.work).catch(() => undefined);
  }

  /** Half of the devices on either transport, spread over all gateways. */
  static async start(scene: ChatScene): Promise<SteadyLoad> {
    const everybody = await scene.people(...Array.from({ length: people }, (_, index) => `talker${index}`));
    const [first, ...others] = everybody;
    if (!first) throw new Error('a load needs people');
    const groups = await Promise.all(Array.from({ length: conversations }, () => first.openGroup(others)));
    const ids = groups.map(({ id }) => id);
    const witnesses = everybody.map(({ name }) => new Witness(name, ids));
    const devices = await Promise.all(
      everybody.map((person, index) => {
        const transport = transports[index % transports.length] ?? 'plain';
        const witness = witnesses[index] ?? new Witness(person.name, ids);
        return SteadyDevice.start(person, transport, witness, Math.floor(index / 2));
      }),
    );
    return new SteadyLoad(everybody, ids, devices, witnesses);
  }

  get reconnects(): number {
    return this.devices.reduce((sum, { reconnects }) => sum + reconnects, 0);
  }

  /** Resolves when so many more sends were acknowledged. */
  async further(count: number): Promise<void> {
    const target = this.acked + count;
    const reached = new Promise<void>((resolve) => {
      const check = () => {
        if (this.acked < target) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
    await Promise.race([reached, Promise.all(this.work)]);
  }

  /** Ends the talk. @returns what is wrong, once every device was shown all that the history has. */
  async finish(): Promise<string[]> {
    this.isTalking = false;
    await Promise.all(this.work);
    const histories = new Map<string, MessageView[]>();
    for (const id of this.conversationIds) histories.set(id, (await this.everybody[0]?.history(id)) ?? []);
    await Promise.all(
      this.witnesses.flatMap((witness) =>
        [...histories].map(([id, history]) => witness.reached(id, history.length).catch(() => undefined)),
      ),
    );
    await Promise.all(this.devices.map((device) => device.stop()));
    return this.checker.violations(histories);
  }

  private async talk(device: SteadyDevice, name: string): Promise<void> {
    for (let number = 1; this.isTalking; number++) {
      const id = this.conversationIds[number % this.conversationIds.length] ?? '';
      const body = { content: `${name} says ${number}`, client_message_id: `${name}-${number}` };
      this.checker.acknowledge(await device.send(id, body));
      this.acked++;
      for (const check of [...this.waiting]) check();
    }
  }
}
