import { randomUUID } from 'node:crypto';
import type { MessageView, ViewedConversation } from '@parley/contracts';
import { type Ack, type ChatClient, type Deployment, FrameRefused, type Transport } from '@parley/testing';
import { asShownToAll, ChatScene, type Person, transports } from './chat.scene';
import { Witness } from './history.checker';

const otherTransport = (transport: Transport): Transport => (transport === 'plain' ? 'socket.io' : 'plain');

const contents = (frames: ChatClient['frames']): string[] =>
  frames
    .filter(({ event }) => event === 'new_message')
    .map(({ payload }) => (payload as { message: MessageView }).message.content);

const isLast = (message: MessageView, conversationId: string): boolean =>
  message.conversation_id === conversationId && message.content === 'second words';

/** What a device was told of one conversation since its session began: contents of messages, names of other events. */
const eventsOf = ({ frames }: ChatClient, conversationId: string): string[] =>
  frames
    .map(({ event, payload }) => ({ event, ...(payload as { conversation_id?: string; message?: MessageView }) }))
    .filter(({ conversation_id }) => conversation_id === conversationId)
    .map(({ event, message }) => message?.content ?? event);

export function deliverySuite(deployment: () => Deployment): void {
  describe.each(transports)('delivery over %s', (transport) => {
    let scene: ChatScene;
    let alice: Person;
    let bob: Person;
    let conversation: ViewedConversation;

    beforeEach(async () => {
      scene = new ChatScene(deployment());
      [alice, bob] = await scene.pair();
      conversation = await alice.openDirect(bob);
    });
    afterEach(() => scene.end());

    it('lets two users on two gateways talk in real time', async () => {
      const aliceDevice = await alice.online(transport, { gateway: 0 });
      const bobDevice = await bob.online(transport, { gateway: 1 });

      const hello = await aliceDevice.send(conversation.id, { content: 'Hello, Bob!', client_message_id: 'a1' });
      expect(hello).toMatchObject({
        conversation_id: conversation.id,
        seq: 1,
        sender_id: alice.id,
        sender_name: 'alice',
        content: 'Hello, Bob!',
        message_type: 'text',
        reply_to_id: null,
        client_message_id: 'a1',
        is_edited: false,
        is_deleted: false,
        status: 'sent',
      });
      await expect(bobDevice.nextEvent('new_message')).resolves.toMatchObject({
        rev: hello.rev,
        message: asShownToAll(hello),
      });

      const answer = await bobDevice.send(conversation.id, { content: 'Hi, Alice!', reply_to_id: hello.id });
      expect(answer).toMatchObject({ seq: 2, reply_to_id: hello.id, reply_to_content: 'Hello, Bob!' });
      const heard = await aliceDevice.nextEvent('new_message', ({ message }) => message.seq === 2);
      expect(asShownToAll(heard.message)).toEqual(asShownToAll(answer));
      const history = await bob.history(conversation.id);
      expect(history.map(asShownToAll)).toEqual([hello, answer].map(asShownToAll));
    });

    it('shows a message to all devices of all participants, the sending one included', async () => {
      const sending = await alice.online(transport, { gateway: 0 });
      const devices = await Promise.all([
        alice.online(otherTransport(transport), { gateway: 1 }),
        bob.online(transport, { gateway: 1 }),
        bob.online(otherTransport(transport), { gateway: 0 }),
      ]);
      const bySocket = await sending.send(conversation.id, { content: 'by socket' });
      const byRest = await alice.send(conversation.id, { content: 'by REST' }, 1);
      for (const device of [sending, ...devices]) {
        await expect(device.nextEvent('new_message')).resolves.toMatchObject({ message: asShownToAll(bySocket) });
        await expect(device.nextEvent('new_message')).resolves.toMatchObject({ message: asShownToAll(byRest) });
      }
    });

    it('keeps the order in which one socket sent without waiting', async () => {
      const sender = await alice.online(transport);
      const hearer = await bob.online(transport, { gateway: 1 });
      const wanted = Array.from({ length: 200 }, (_, index) => `number ${index + 1}`);
      const sent = await Promise.all(wanted.map((content) => sender.send(conversation.id, { content })));
      expect(sent.map(({ seq }) => seq)).toEqual(wanted.map((_, index) => index + 1));
      await hearer.nextEvent('new_message', ({ message }) => message.seq === wanted.length);
      expect(contents(hearer.frames)).toEqual(wanted);
    });

    it('answers a frame that asks for no ack with the event alone', async () => {
      const sender = await alice.online(transport);
      sender.emit('send_message', { conversation_id: conversation.id, content: 'no ack, please' });
      const { message } = await sender.nextEvent('new_message');
      expect(message.content).toBe('no ack, please');
    });

    it('tells connected participants of a new conversation, and of what is said right after', async () => {
      const aliceDevice = await alice.online(transport, { gateway: 0 });
      const bobDevice = await bob.online(transport, { gateway: 1 });
      const opened = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const group = await alice.openGroup([bob], `Group ${index}`);
          const message = await aliceDevice.send(group.id, { content: 'first words' });
          return { group, message };
        }),
      );
      for (const { group, message } of opened) {
        for (const device of [aliceDevice, bobDevice]) {
          const isThisOne = ({ conversation_id }: { conversation_id: string }) => conversation_id === group.id;
          const created = await device.nextEvent('conversation_created', isThisOne);
          expect(created.conversation).toMatchObject({ id: group.id, type: 'group', title: group.title });
          expect(created.conversation).not.toHaveProperty('my_role');
          const heard = await device.nextEvent('new_message', isThisOne);
          expect(asShownToAll(heard.message)).toEqual(asShownToAll(message));
          const order = device.frames.filter(({ payload }) => isThisOne(payload as { conversation_id: string }));
          expect(order.map(({ event }) => event)).toEqual(['conversation_created', 'new_message']);
        }
      }
    });

    it('shows sockets that connect while conversations are opened each of them once, with all that is said', async () => {
      const opening = Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const { id } = await alice.openGroup([bob], `Group ${index}`);
          await alice.send(id, { content: 'first words' }, index);
          return alice.send(id, { content: 'second words' }, index + 1);
        }),
      );
      // Some resume and some do not, at either gateway.
      const devices = Array.from({ length: 6 }, (_, index) =>
        bob.connect(transport, { gateway: index, heads: index % 3 === 0 ? {} : undefined }),
      );
      await Promise.all(devices.map(({ session }) => session));
      const opened = (await opening).map(({ conversation_id }) => conversation_id);
      for (const device of devices) {
        const { heads } = await device.session;
        for (const id of opened) {
          const known = heads[id];
          const wanted = ['conversation_created', 'first words', 'second words'].slice(known ? known.seq + 1 : 0);
          if (wanted.length > 0) await device.nextEvent('new_message', ({ message }) => isLast(message, id));
          expect(eventsOf(device, id)).toEqual(wanted);
        }
      }
    });

    it('shows strangers nothing', async () => {
      const [mallory] = await scene.people('mallory');
      if (!mallory) throw new Error('nobody');
      const strange = await mallory.online(transport, { gateway: 1 });
      const shared = await alice.openDirect(mallory);
      const sender = await alice.online(transport);
      await sender.send(conversation.id, { content: 'a secret' });
      await sender.send(shared.id, { content: 'for you' });
      await strange.nextEvent('new_message', ({ message }) => message.content === 'for you');
      expect(contents(strange.frames)).toEqual(['for you']);
      expect(JSON.stringify(strange.frames)).not.toContain(`"${conversation.id}"`);
    });

    it('answers a repeated client_message_id with the first message, wherever it is repeated', async () => {
      const [first, second] = [
        await alice.online(transport, { gateway: 0 }),
        await alice.online(transport, { gateway: 1 }),
      ];
      const bobDevice = await bob.online(transport, { gateway: 1 });
      const body = { content: 'once', client_message_id: randomUUID(), metadata: { n: 1 } };
      const original = await first.send(conversation.id, body);
      await expect(second.send(conversation.id, body)).resolves.toEqual(original);
      await expect(alice.send(conversation.id, body, 1)).resolves.toEqual(original);
      await first.send(conversation.id, { content: 'and on' });
      await bobDevice.nextEvent('new_message', ({ message }) => message.content === 'and on');
      expect(contents(bobDevice.frames)).toEqual(['once', 'and on']);
    });

    it('stores one message where the same send arrives many times at once', async () => {
      const devices = await Promise.all([0, 1, 0, 1].map((gateway) => alice.online(transport, { gateway })));
      const body = { content: 'all at once', client_message_id: randomUUID() };
      const answers = await Promise.all([
        ...devices.map((device) => device.send(conversation.id, body)),
        ...[0, 1, 0, 1].map((gateway) => alice.send(conversation.id, body, gateway)),
      ]);
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      await expect(alice.history(conversation.id)).resolves.toHaveLength(1);
    });

    it('refuses another message under a client_message_id that was used', async () => {
      const device = await alice.online(transport, { gateway: 1 });
      await alice.send(conversation.id, { content: 'once', client_message_id: 'k' });
      const refused = device.send(conversation.id, { content: 'twice', client_message_id: 'k' });
      await expect(refused).rejects.toBeInstanceOf(FrameRefused);
      await expect(refused).rejects.toMatchObject({ problem: { code: 'idempotency_mismatch', status: 409 } });
      const { status, body } = await alice
        .rest()
        .post(`/api/conversations/${conversation.id}/messages`, { content: 'twice', client_message_id: 'k' });
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'idempotency_mismatch', status: 409, retryable: false });
      // The key is the sender's own: another participant may use the same word.
      await expect(bob.send(conversation.id, { content: 'mine', client_message_id: 'k' })).resolves.toMatchObject({
        seq: 2,
      });
    });

    it('takes local_temp_id for client_message_id', async () => {
      const device = await alice.online(transport);
      const body = { content: 'once', local_temp_id: 't1' };
      const message = await device.send(conversation.id, body);
      expect(message.client_message_id).toBe('t1');
      const repeated = await alice.send(conversation.id, { content: 'once', client_message_id: 't1' });
      expect(repeated.id).toBe(message.id);
    });

    it('lets no stranger send, by frame or request', async () => {
      const [mallory] = await scene.people('mallory');
      if (!mallory) throw new Error('nobody');
      const strange = await mallory.online(transport);
      const frame = { conversation_id: conversation.id, content: 'let me in' };
      const ack: Ack = await strange.emitWithAck('send_message', frame);
      expect(ack).toMatchObject({
        ok: false,
        error: { status: 403, code: 'not_a_participant', detail: 'Not a participant in this conversation' },
      });
      strange.emit('send_message', frame);
      await expect(strange.nextEvent('error')).resolves.toMatchObject({
        code: 'not_a_participant',
        event: 'send_message',
      });
      await expect(alice.history(conversation.id)).resolves.toEqual([]);
    });

    it('goes on showing messages to a socket whose user has another one cut', async () => {
      const cut = await bob.online(transport);
      const stays = await bob.online(transport);
      const witness = new Witness('stays');
      witness.watch(stays);
      cut.drop();
      await cut.closed;
      const message = await alice.send(conversation.id, { content: 'still there?' });
      await witness.reached(conversation.id, message.seq);
    });
  });
}
