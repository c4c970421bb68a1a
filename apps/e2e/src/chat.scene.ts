import { randomUUID } from 'node:crypto';
import type { ClientHeads, MessageView, ViewedConversation, ViewedMessage } from '@parley/contracts';
import {
  type ChatClient,
  type ConnectOptions,
  type Deployment,
  plainClient,
  RestClient,
  type SendBody,
  signToken,
  socketIoClient,
  type TokenClaims,
  type Transport,
} from '@parley/testing';

export const transports: readonly Transport[] = ['socket.io', 'plain'];

export const connectors = { 'socket.io': socketIoClient, plain: plainClient };

export interface DeviceOptions extends ConnectOptions {
  /** Which gateway; counted round where there are fewer. */
  readonly gateway?: number;
  /** Replaces the person's own token. */
  readonly token?: string;
}

export interface MessagePage {
  readonly messages: MessageView[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** A message without what depends on who looks at it: what everybody is shown. */
export function asShownToAll(message: MessageView): Partial<MessageView> {
  const { status, is_read, read_at, ...shown } = message as ViewedMessage;
  void [status, is_read, read_at];
  return shown;
}

/** One user of the product, with as many devices as a test likes. */
export class Person {
  readonly id: string;
  readonly token: string;

  constructor(
    private readonly scene: ChatScene,
    readonly name: string,
  ) {
    this.id = `${name}-${randomUUID()}`;
    this.token = this.sign();
  }

  /** A token of this person; claims add to the usual ones and replace them. */
  sign(claims: TokenClaims = {}): string {
    return signToken({ sub: this.id, name: this.name, ...claims }, this.scene.deployment.secret);
  }

  rest(gateway = 0): RestClient {
    return new RestClient(this.scene.url(gateway), this.token);
  }

  /** Opens a socket, and does not wait for it. */
  connect(transport: Transport, { gateway = 0, token = this.token, ...options }: DeviceOptions = {}): ChatClient {
    return this.scene.open(transport, gateway, token, options);
  }

  /** A socket that has its session. */
  async online(transport: Transport, options: DeviceOptions = {}): Promise<ChatClient> {
    const device = this.connect(transport, options);
    await device.session;
    return device;
  }

  /** A socket that resumes from heads, and has been told what it missed. */
  async resumed(transport: Transport, heads: ClientHeads, options: DeviceOptions = {}): Promise<ChatClient> {
    const device = this.connect(transport, { ...options, heads });
    await device.nextEvent('synced');
    return device;
  }

  async openGroup(others: readonly Person[], title = 'Study group'): Promise<ViewedConversation> {
    const participantIds = others.map(({ id }) => id);
    return this.created({ type: 'group', title, participant_ids: participantIds });
  }

  async openDirect(other: Person): Promise<ViewedConversation> {
    return this.created({ type: 'direct', participant_ids: [other.id] });
  }

  /** Sends over REST. @throws where the answer is not 201 or 200. */
  async send(conversationId: string, body: SendBody, gateway = 0): Promise<MessageView> {
    const path = `/api/conversations/${conversationId}/messages`;
    const { status, body: message } = await this.rest(gateway).post<MessageView>(path, body);
    if (status !== 201) throw new Error(`send answered ${status}: ${JSON.stringify(message)}`);
    return message;
  }

  /** All messages of a conversation, oldest first. */
  async history(conversationId: string, gateway = 0): Promise<MessageView[]> {
    const messages: MessageView[] = [];
    for (let hasMore = true; hasMore;) {
      const query = `after_seq=${messages.at(-1)?.seq ?? 0}&limit=100`;
      const path = `/api/conversations/${conversationId}/messages?${query}`;
      const { status, body } = await this.rest(gateway).get<MessagePage>(path);
      if (status !== 200) throw new Error(`history answered ${status}: ${JSON.stringify(body)}`);
      messages.push(...body.messages);
      hasMore = body.has_more;
    }
    return messages;
  }

  private async created(body: object): Promise<ViewedConversation> {
    const answer = await this.rest().post<ViewedConversation>('/api/conversations', body);
    if (answer.status > 201) throw new Error(`create answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Who takes part in one test, and all of their sockets. */
export class ChatScene {
  private readonly devices: ChatClient[] = [];

  constructor(readonly deployment: Deployment) {}

  /** The URL of a gateway; counted round where there are fewer, so that a test reads the same on one and on two. */
  url(gateway = 0): string {
    const { urls } = this.deployment;
    return urls[gateway % urls.length] ?? '';
  }

  /** Somebody whose profile the server has not seen yet. */
  newcomer(name: string): Person {
    return new Person(this, name);
  }

  /** People who have signed in before: others can name them. */
  async people(...names: readonly string[]): Promise<Person[]> {
    const people = names.map((name) => this.newcomer(name));
    await Promise.all(people.map((person) => this.signIn(person)));
    return people;
  }

  async pair(): Promise<[Person, Person]> {
    const [alice, bob] = [this.newcomer('alice'), this.newcomer('bob')];
    await Promise.all([this.signIn(alice), this.signIn(bob)]);
    return [alice, bob];
  }

  open(transport: Transport, gateway: number, token: string | undefined, options: ConnectOptions = {}): ChatClient {
    const device = connectors[transport](this.url(gateway), token, options);
    this.devices.push(device);
    return device;
  }

  /** Closes all sockets. */
  async end(): Promise<void> {
    const devices = this.devices.splice(0);
    for (const device of devices) device.close();
    await Promise.all(devices.map(({ closed }) => closed));
  }

  private async signIn(person: Person): Promise<void> {
    const { status, body } = await person.rest().get('/api/conversations?limit=1');
    if (status !== 200) throw new Error(`sign-in answered ${status}: ${JSON.stringify(body)}`);
  }
}
