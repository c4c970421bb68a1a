import type { MessageView, ViewedConversation } from '@parley/contracts';
import type { ChatClient, Deployment } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { HistoryChecker, Witness } from './history.checker';

const senders = 20;
const conversations = 5;
const messagesEach = 500;
/** How many sends one socket leaves unanswered at a time. */
const pipelined = 20;

/** Everybody is in two of the five conversations: each has eight participants. */
const conversationsOf = (person: number): number[] => [person % conversations, (person + 1) % conversations];

export function loadSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  it('shows ten thousand messages of twenty senders in five conversations to every participant once and in order', async () => {
    const people = await scene.people(...Array.from({ length: senders }, (_, index) => `sender${index}`));
    const groups = await openGroups(people);
    const checker = new HistoryChecker();
    const watchers: { readonly witness: Witness; readonly groups: readonly ViewedConversation[] }[] = [];

    const devices = await Promise.all(
      people.map(async (person, index) => {
        const ownGroups = conversationsOf(index).flatMap((at) => groups[at] ?? []);
        const connections = await connectDevices(person, index);
        for (const [at, device] of connections.entries()) {
          const witness = new Witness(`device ${at + 1} of ${person.name}`);
          witness.watch(device);
          checker.expect(
            witness,
            ownGroups.map(({ id }) => id),
          );
          watchers.push({ witness, groups: ownGroups });
        }
        return { person, device: connections[0], groups: ownGroups };
      }),
    );
    const sent = await Promise.all(devices.map(({ device, groups: own }) => sendAll(device, own)));
    for (const message of sent.flat()) checker.acknowledge(message);

    const histories = await readHistories(people, groups);
    await Promise.all(
      watchers.flatMap(({ witness, groups: own }) =>
        own.map(({ id }) => witness.reached(id, histories.get(id)?.length ?? 0)),
      ),
    );
    expect([...histories.values()].flat()).toHaveLength(senders * messagesEach);
    expect(checker.violations(histories)).toEqual([]);
    for (const [index, { person }] of devices.entries()) {
      for (const messages of byConversation(sent[index] ?? [])) {
        const stored = histories.get(messages[0]?.conversation_id ?? '') ?? [];
        const own = stored.filter(({ sender_id }) => sender_id === person.id);
        expect(own.map(({ content }) => content)).toEqual(messages.map(({ content }) => content));
      }
    }
  });
}

async function openGroups(people: readonly Person[]): Promise<ViewedConversation[]> {
  return Promise.all(
    Array.from({ length: conversations }, async (_, at) => {
      const [first, ...others] = people.filter((_person, index) => conversationsOf(index).includes(at));
      if (!first) throw new Error('a conversation needs people');
      return first.openGroup(others, `Conversation ${at}`);
    }),
  );
}

/** Both transports and all gateways alike; every fifth person has a second device that only listens. */
async function connectDevices(person: Person, index: number): Promise<[ChatClient, ...ChatClient[]]> {
  const first = await person.online(transports[index % 2] ?? 'plain', { gateway: Math.floor(index / 2) });
  if (index % 5 !== 0) return [first];
  return [first, await person.online(transports[(index + 1) % 2] ?? 'plain', { gateway: Math.floor(index / 2) + 1 })];
}

/** In turn to each of the person's conversations. @returns what was acknowledged, in the order of sending. */
async function sendAll(device: ChatClient, groups: readonly ViewedConversation[]): Promise<MessageView[]> {
  const sent: MessageView[] = [];
  while (sent.length < messagesEach) {
    const batch = Array.from({ length: pipelined }, (_, index) => {
      const number = sent.length + index + 1;
      const group = groups[number % groups.length];
      return device.send(group?.id ?? '', { content: `message ${number}`, client_message_id: `m${number}` });
    });
    sent.push(...(await Promise.all(batch)));
  }
  return sent;
}

async function readHistories(
  people: readonly Person[],
  groups: readonly ViewedConversation[],
): Promise<Map<string, MessageView[]>> {
  const entries = groups.map(async ({ id, created_by }) => {
    const reader = people.find((person) => person.id === String(created_by));
    return [id, (await reader?.history(id)) ?? []] as const;
  });
  return new Map(await Promise.all(entries));
}

function byConversation(messages: readonly MessageView[]): MessageView[][] {
  const groups = new Map<string, MessageView[]>();
  for (const message of messages) {
    groups.set(message.conversation_id, [...(groups.get(message.conversation_id) ?? []), message]);
  }
  return [...groups.values()];
}
