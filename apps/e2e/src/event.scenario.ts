import type { ServerEvent, ViewedConversation, ViewedMessage } from '@parley/contracts';
import type { ReceivedFrame, RestAnswer, Transport } from '@parley/testing';
import type { ChatScene, Person } from './chat.scene';

/** How long before it is due a message is scheduled that must not be sent, in milliseconds: long enough to see to that. */
const soonMs = 5_000;

/**
 * Has everything happen that a socket can be told of, in a group of Alice's.
 *
 * @returns all that Alice's and Bob's devices have heard of it.
 */
export async function hearEverything(scene: ChatScene, transport: Transport): Promise<readonly ReceivedFrame[]> {
  const [alice, bob, carol] = (await scene.people('alice', 'bob', 'carol')) as [Person, Person, Person];
  const [ears, mouth] = await Promise.all([alice.resumed(transport, {}, { gateway: 1 }), bob.online(transport)]);
  const ask = <Body>(person: Person, method: string, path: string, body?: object): Promise<Body> =>
    demand(person.rest().call<Body>(method, path, body));
  const hears = (event: ServerEvent) => ears.nextEvent(event);

  // The rest goes on until this is due.
  await scheduleInVain(alice, bob, ask);
  const { id } = await alice.openGroup([bob]);
  const path = `/api/conversations/${id}`;
  await ears.nextEvent('conversation_created', ({ conversation_id }) => conversation_id === id);
  await tellOfMessages(alice, bob, { ask, path, id });
  await Promise.all(
    (['new_message', 'message_edited', 'reaction_added', 'reaction_removed'] as const).map((event) => hears(event)),
  );
  await Promise.all((['message_pinned', 'message_unpinned', 'message_deleted'] as const).map((event) => hears(event)));

  await ask(alice, 'POST', `${path}/participants`, { user_id: carol.id });
  await ask(alice, 'PUT', `${path}/participants/${carol.id}`, { role: 'moderator' });
  await ask(alice, 'DELETE', `${path}/participants/${carol.id}`);
  await ask(alice, 'PUT', path, { title: 'Renamed' });
  for (const event of ['participant_added', 'participant_updated', 'participant_removed'] as const) {
    await ears.nextEvent(event, ({ conversation_id }) => conversation_id === id);
  }
  await hears('conversation_updated');

  await mouth.emitWithAck('message_delivered', { conversation_id: id });
  await mouth.emitWithAck('message_read', { conversation_id: id });
  await Promise.all([hears('message_delivered'), hears('message_read')]);

  const pairs = { join_conversation: 'user_joined', typing_start: 'typing_start', typing_stop: 'typing_stop' } as const;
  for (const [said, heard] of Object.entries({ ...pairs, leave_conversation: 'user_left' } as const)) {
    await mouth.emitWithAck(said, { conversation_id: id });
    await hears(heard);
  }
  await mouth.emitWithAck('set_status', { status: 'busy' });
  await ears.nextEvent('user_status_change', ({ status }) => status === 'busy');

  mouth.emit('ping');
  mouth.emit('send_message', {});
  await Promise.all([mouth.nextEvent('pong'), mouth.nextEvent('error')]);

  await mouth.nextEvent('scheduled_failed');
  await ask<ViewedConversation>(alice, 'DELETE', path);
  await hears('conversation_deleted');
  return [...ears.frames, ...mouth.frames];
}

type Ask = <Body>(person: Person, method: string, path: string, body?: object) => Promise<Body>;

/** Bob has a message scheduled, and may not speak any more when it is due. */
async function scheduleInVain(alice: Person, bob: Person, ask: Ask): Promise<void> {
  const { id } = await alice.openGroup([bob], 'Silence');
  const path = `/api/conversations/${id}`;
  const send_at = new Date(Date.now() + soonMs).toISOString();
  await ask(bob, 'POST', `${path}/messages`, { content: 'Too late', send_at });
  await ask(alice, 'PUT', `${path}/participants/${bob.id}`, { is_muted: true });
}

interface Place {
  readonly ask: Ask;
  readonly path: string;
  readonly id: string;
}

async function tellOfMessages(alice: Person, bob: Person, { ask, path, id }: Place): Promise<void> {
  const root = await bob.send(id, { content: 'Hello @all', metadata: { a: 1 } });
  await alice.send(id, { content: 'Hi', reply_to_id: root.id, thread_root_id: root.id });
  const message = `/api/messages/${root.id}`;
  const { id: messageId } = await ask<ViewedMessage>(bob, 'PUT', message, { content: 'Hello, all' });
  await ask(bob, 'PUT', `/api/messages/${messageId}/reactions/a`);
  await ask(bob, 'DELETE', `/api/messages/${messageId}/reactions/a`);
  await ask(alice, 'PUT', `${message}/pin`);
  await ask(alice, 'DELETE', `${message}/pin`);
  await ask(alice, 'GET', `${path}/messages`);
  await ask(bob, 'DELETE', message);
}

async function demand<Body>(answer: Promise<RestAnswer<Body>>): Promise<Body> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
