import { setTimeout as delay } from 'node:timers/promises';
import type { MessageView } from '@parley/contracts';
import { Device, FrameRefused, judge, patienceMs, type RunRecord, type SendBody, stateOf } from '@parley/testing';
import { type ChatScene, connectors, type Person, transports } from './chat.scene';

const people = 6;
const conversations = 2;
/** Sends of one device that are under way at a time. */
const lanes = 4;
/** Between two attempts to send, in milliseconds. */
const retryMs = 50;
const pollMs = 50;

type StoredConversation = RunRecord['conversations'][number];

/** What this load does not look at. */
const nothing = {
  bursts: [],
  files: [],
  begun: [],
  changes: [],
  failures: [],
  unread: [],
  presence: [],
  outboxRows: 0,
  deaths: [],
  lapses: [],
  recoveries: [],
  maxRecoveryMs: 0,
};

/** People who keep talking in two conversations, whatever happens to the servers, until they are told to stop. */
export class SteadyLoad {
  private readonly wanted: RunRecord['wanted'][number][] = [];
  private readonly sends: RunRecord['sends'][number][] = [];
  private readonly waiting = new Set<() => void>();
  private readonly work: Promise<void>[] = [];
  private acked = 0;
  private isTalking = true;
  /** How often devices had to come back before the talk began. */
  private readonly falseStarts: number;

  private constructor(
    private readonly everybody: readonly Person[],
    private readonly conversationIds: readonly string[],
    private readonly devices: readonly Device[],
  ) {
    this.falseStarts = absencesOf(devices);
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
    const { urls } = scene.deployment;
    const devices = everybody.map(({ id, name, token }, index) => {
      const connect = connectors[transports[index % transports.length] ?? 'plain'];
      return new Device({ name, userId: id, token, connect, urls, first: Math.floor(index / 2), givesHeads: true });
    });
    for (const device of devices) device.start();
    await Promise.all(devices.map((device) => device.connected()));
    return new SteadyLoad(everybody, ids, devices);
  }

  /** How often devices had to come back since the talk began. */
  get reconnects(): number {
    return absencesOf(this.devices) - this.falseStarts;
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
    const stored = await Promise.all(this.conversationIds.map((id) => this.read(id)));
    await this.settle(stored);
    await Promise.all(this.devices.map((device) => device.stop()));
    const devices = this.devices.map(({ name, userId, model }) => ({
      name,
      userId,
      conversations: model.conversations,
    }));
    const sockets = this.devices.flatMap(({ witnesses }) => witnesses);
    const record = { ...nothing, conversations: stored, wanted: this.wanted, sends: this.sends, devices, sockets };
    return judge(record).flatMap(({ violations }) => violations);
  }

  /** Waits until every device shows all that is stored, or it is of no use to wait. */
  private async settle(stored: readonly StoredConversation[]): Promise<void> {
    const deadline = Date.now() + patienceMs;
    const isBehind = ({ model }: Device) =>
      stored.some(({ id, lastSeq }) => (model.conversations.get(id)?.head.seq ?? 0) < lastSeq);
    while (this.devices.some(isBehind) && Date.now() < deadline) await delay(pollMs);
  }

  private async read(id: string): Promise<StoredConversation> {
    const views = (await this.everybody[0]?.history(id)) ?? [];
    const memberships = this.everybody.map((person) => ({ userId: person.id, rev: 1, isIn: true, at: 0 }));
    return {
      id,
      lastSeq: views.length,
      rev: views.at(-1)?.rev ?? 1,
      messages: views.map((view) => ({ ...stateOf(view), createdRev: view.rev })),
      participants: memberships.map(({ userId, rev, isIn }) => ({ userId, rev, isIn, lastReadSeq: 0 })),
      memberships,
    };
  }

  private async talk(device: Device, name: string): Promise<void> {
    for (let number = 1; this.isTalking; number++) {
      const conversationId = this.conversationIds[number % this.conversationIds.length] ?? '';
      const [content, clientMessageId] = [`${name} says ${number}`, `${name}-${number}`];
      const body = { content, client_message_id: clientMessageId };
      const wanted = { conversationId, userId: device.userId, clientMessageId, content };
      this.wanted.push(wanted);
      const { id, seq } = await untilSent(device, conversationId, body);
      this.sends.push({ ...wanted, id, seq });
      this.acked++;
      for (const check of [...this.waiting]) check();
    }
  }
}

const absencesOf = (devices: readonly Device[]): number =>
  devices.reduce((sum, { absences }) => sum + absences.length, 0);

/** Sends until it is acknowledged, by whichever gateway. @throws FrameRefused for a refusal that stays one. */
async function untilSent(device: Device, conversationId: string, body: SendBody): Promise<MessageView> {
  const deadline = Date.now() + 2 * patienceMs;
  for (;;) {
    try {
      return await (await device.connected()).send(conversationId, body);
    } catch (error) {
      const isFinal = error instanceof FrameRefused && !error.problem.retryable;
      if (isFinal || Date.now() > deadline) throw error;
      await delay(retryMs);
    }
  }
}
