import type { ScheduledMessageView, ViewedConversation, ViewedMessage } from '@parley/contracts';
import { aPng, type RestAnswer } from '@parley/testing';
import type { ChatScene, Person } from './chat.scene';
import { uploadOne } from './file.scene';

/** Whoever may ask for something: how they stand to the conversation that it is about. */
export const actors = ['stranger', 'removed', 'muted', 'participant', 'moderator', 'admin', 'blocked'] as const;
export type Actor = (typeof actors)[number];

/** Those that meet on stages again and again. */
export type Cast = Readonly<Record<Exclude<Actor, 'blocked'> | 'owner' | 'bystander' | 'newcomer', Person>>;

export async function castOf(scene: ChatScene): Promise<Cast> {
  const names = [
    'owner',
    'bystander',
    'newcomer',
    ...(['stranger', 'removed', 'muted', 'participant', 'moderator', 'admin'] as const),
  ] as const;
  const people = await scene.people(...names);
  return Object.fromEntries(names.map((name, i) => [name, people[i]])) as unknown as Cast;
}

interface Props {
  readonly blocker: Person;
  readonly blocked: Person;
  readonly group: ViewedConversation;
  readonly direct: ViewedConversation;
  readonly messages: ReadonlyMap<Person, ViewedMessage>;
  readonly scheduledId: string;
  readonly groupFileId: string;
  readonly directFileId: string;
}

/**
 * A group of `owner` in which every actor has the place that its name says, and a direct conversation of `blocker` and
 * `blocked`. Everybody has sent a message while that was possible.
 */
export class Stage {
  private constructor(
    readonly scene: ChatScene,
    readonly cast: Cast,
    private readonly props: Props,
  ) {}

  static async set(scene: ChatScene, cast: Cast): Promise<Stage> {
    const { owner, bystander, removed, muted, participant, moderator, admin } = cast;
    const [blocker, blocked] = await scene.pair();
    const [group, direct] = await Promise.all([
      owner.openGroup([bystander, removed, muted, participant, moderator, admin]),
      blocker.openDirect(blocked),
    ]);
    const senders = [owner, removed, muted, participant, moderator, admin];
    const [scheduledId, groupFileId, directFileId, ...messages] = await Promise.all([
      scheduleIn(group, owner),
      attachIn(scene, group, owner),
      attachIn(scene, direct, blocker),
      ...senders.map(async (sender) => [sender, await sendIn(group, sender)] as const),
      ...[blocker, blocked].map(async (sender) => [sender, await sendIn(direct, sender)] as const),
    ]);
    await Promise.all([
      demand(change(owner, 'PUT', pathOf(group, moderator), { role: 'moderator' })),
      demand(change(owner, 'PUT', pathOf(group, admin), { role: 'admin' })),
      demand(change(owner, 'PUT', pathOf(group, muted), { is_muted: true })),
      demand(change(owner, 'DELETE', pathOf(group, removed))),
      demand(change(blocker, 'POST', `/api/users/${blocked.id}/block`)),
    ]);
    const files = { groupFileId, directFileId };
    return new Stage(scene, cast, {
      blocker,
      blocked,
      group,
      direct,
      messages: new Map(messages),
      scheduledId,
      ...files,
    });
  }

  get blocker(): Person {
    return this.props.blocker;
  }

  get group(): ViewedConversation {
    return this.props.group;
  }

  /** Of the owner. */
  get scheduledId(): string {
    return this.props.scheduledId;
  }

  person(actor: Actor): Person {
    return actor === 'blocked' ? this.props.blocked : this.cast[actor];
  }

  /** The conversation that an actor is to act on. */
  conversationOf(actor: Actor): ViewedConversation {
    return actor === 'blocked' ? this.props.direct : this.props.group;
  }

  /** Another's message in it. */
  messageFor(actor: Actor): ViewedMessage {
    return this.messageBy(actor === 'blocked' ? this.blocker : this.cast.owner);
  }

  /** The actor's own message in it; for strangers another's. */
  ownMessageOf(actor: Actor): ViewedMessage {
    return actor === 'stranger' ? this.messageFor(actor) : this.messageBy(this.person(actor));
  }

  /** A message of the conversation that the actor is not meant to act on. */
  foreignMessageFor(actor: Actor): ViewedMessage {
    return this.messageBy(actor === 'blocked' ? this.cast.owner : this.blocker);
  }

  fileFor(actor: Actor): string {
    return actor === 'blocked' ? this.props.directFileId : this.props.groupFileId;
  }

  /** What everybody sees of the actor's conversation and its messages, as it is now: to find out what was changed. */
  async look(actor: Actor): Promise<object> {
    const watcher = actor === 'blocked' ? this.blocker : this.cast.owner;
    const { id } = this.conversationOf(actor);
    const { body } = await watcher.rest().get<ViewedConversation>(`/api/conversations/${id}`);
    const { rev, last_seq, title, participant_count, is_deleted } = body;
    const messages = (await watcher.history(id)).map(({ id, rev, content, reactions }) => ({
      id,
      rev,
      content,
      reactions,
    }));
    return { rev, last_seq, title, participant_count, is_deleted, messages };
  }

  private messageBy(person: Person): ViewedMessage {
    const message = this.props.messages.get(person);
    if (!message) throw new Error(`${person.name} has sent nothing`);
    return message;
  }
}

const pathOf = ({ id }: ViewedConversation, person: Person) => `/api/conversations/${id}/participants/${person.id}`;

function change(person: Person, method: string, path: string, body?: object): Promise<RestAnswer> {
  return person.rest().call(method, path, body);
}

async function demand<Body>(answer: Promise<RestAnswer<Body>>): Promise<Body> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`the stage could not be set: ${status} ${JSON.stringify(body)}`);
  return body;
}

async function sendIn({ id }: ViewedConversation, person: Person): Promise<ViewedMessage> {
  return (await person.send(id, { content: `I am ${person.name}` })) as ViewedMessage;
}

async function scheduleIn({ id }: ViewedConversation, person: Person): Promise<string> {
  const later = { content: 'Later', send_at: new Date(Date.now() + 3_600_000).toISOString() };
  return (await demand(person.rest().post<ScheduledMessageView>(`/api/conversations/${id}/messages`, later))).id;
}

/** A picture in a message of its own. */
async function attachIn(scene: ChatScene, { id }: ViewedConversation, person: Person): Promise<string> {
  const file = await uploadOne(scene.url(), person, id, aPng());
  await person.send(id, { content: 'Look!', message_type: 'image', attachment_ids: [file.id] });
  return file.id;
}
