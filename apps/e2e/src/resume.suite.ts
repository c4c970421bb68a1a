import type { ClientHeads, ServerFrame, ViewedConversation } from '@parley/contracts';
import type { Ack, ChatClient, Deployment } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { HistoryChecker, Witness } from './history.checker';

type Synced = ServerFrame<'synced'>;

async function sync(device: ChatClient, heads: ClientHeads): Promise<Synced> {
  const ack: Ack<Synced> = await device.emitWithAck('sync', { heads });
  if (!ack.ok) throw new Error(ack.error.detail);
  return ack.data;
}

export function resumeSuite(deployment: () => Deployment): void {
  describe.each(transports)('resume over %s', (transport) => {
    let scene: ChatScene;
    let alice: Person;
    let bob: Person;
    let conversation: ViewedConversation;

    beforeEach(async () => {
      scene = new ChatScene(deployment());
      [alice, bob] = await scene.pair();
      conversation = await alice.openGroup([bob]);
    });
    afterEach(() => scene.end());

    const say = async (count: number): Promise<void> => {
      const device = await alice.online(transport);
      await Promise.all(
        Array.from({ length: count }, (_, index) => device.send(conversation.id, { content: `word ${index + 1}` })),
      );
    };

    it('begins with the session: who the socket is, and where its conversations stand', async () => {
      const message = await alice.send(conversation.id, { content: 'before' });
      const device = await bob.online(transport);
      const session = await device.session;
      expect(session).toMatchObject({
        user: { id: bob.id, display_name: 'bob' },
        heads: { [conversation.id]: { seq: 1, rev: message.rev } },
      });
      expect(session.epoch).not.toBe('');
      expect(Math.abs(Date.parse(session.server_time) - Date.now())).toBeLessThan(60_000);
      expect(device.frames[0]?.event).toBe('session');
    });

    it('misses nothing and repeats nothing when it drops and comes back with its heads, while others keep talking', async () => {
      const sender = await alice.online(transport, { gateway: 0 });
      let talking = true;
      const talk = (async () => {
        let last = 0;
        while (talking) last = (await sender.send(conversation.id, { content: `word ${last + 1}` })).seq;
        return last;
      })();
      const witness = new Witness('bob', [conversation.id]);
      let device = await bob.resumed(transport, witness.position());
      witness.watch(device);
      for (let round = 1; round <= 6; round++) {
        const seen = witness.messages(conversation.id).length;
        await witness.reached(conversation.id, seen + 5);
        device.drop();
        await device.closed;
        device = await bob.resumed(transport, witness.position(), { gateway: round });
        witness.watch(device);
        expect(device.frames.slice(0, 2).map(({ event }) => event)).toEqual(['session', 'synced']);
      }
      talking = false;
      const last = await talk;
      await witness.reached(conversation.id, last);
      const checker = new HistoryChecker();
      checker.expect(witness, [conversation.id]);
      expect(checker.violations(new Map([[conversation.id, await bob.history(conversation.id)]]))).toEqual([]);
    });

    it('answers sync with what was said since', async () => {
      const device = await bob.online(transport);
      const { heads } = await device.session;
      await say(3);
      const missed = await sync(device, heads);
      expect(missed.has_more).toBe(false);
      expect(missed.gone).toEqual([]);
      expect(missed.new_conversations).toEqual([]);
      const changes = missed.conversations[conversation.id];
      expect(changes?.messages).toEqual(await bob.history(conversation.id));
      expect(changes).toMatchObject({ changed: [], has_more: false, last_seq: 3, rev: changes?.messages.at(-1)?.rev });
    });

    it('answers sync with nothing where there is nothing new', async () => {
      await say(2);
      const device = await bob.online(transport);
      const { heads, epoch } = await device.session;
      const missed = await sync(device, heads);
      expect(missed).toEqual({ epoch, conversations: {}, new_conversations: [], gone: [], has_more: false });
    });

    it('takes a bare number for a seq', async () => {
      await say(4);
      const device = await bob.online(transport);
      const missed = await sync(device, { [conversation.id]: 2 });
      expect(missed.conversations[conversation.id]?.messages.map(({ seq }) => seq)).toEqual([3, 4]);
    });

    it('cuts a long answer, and goes on from the heads that it gave', async () => {
      await say(450);
      const device = await bob.online(transport);
      let head: ClientHeads[string] = 0;
      const seqs: number[] = [];
      const sizes: number[] = [];
      for (let hasMore = true; hasMore;) {
        const missed: Synced = await sync(device, { [conversation.id]: head });
        const changes = missed.conversations[conversation.id];
        if (!changes) throw new Error('sync left the conversation out');
        seqs.push(...changes.messages.map(({ seq }) => seq));
        sizes.push(changes.messages.length);
        head = { seq: changes.last_seq, rev: changes.rev };
        hasMore = changes.has_more;
        expect(missed.has_more).toBe(hasMore);
      }
      expect(Math.max(...sizes)).toBeLessThanOrEqual(200);
      expect(seqs).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
    });

    it('does not call seen what a handshake with heads had no room for', async () => {
      await say(250);
      const device = await bob.resumed(transport, { [conversation.id]: 0 });
      const { heads } = await device.session;
      expect(heads).not.toHaveProperty(conversation.id);
      const rest = await sync(device, { [conversation.id]: 200 });
      expect(rest.conversations[conversation.id]?.messages).toHaveLength(50);
    });

    it('bounds its answers in bytes: long messages of many conversations take several', async () => {
      const groups = await Promise.all(
        Array.from({ length: 6 }, (_, index) => alice.openGroup([bob], `Long ${index}`)),
      );
      const device = await alice.online(transport);
      const long = '𝄞'.repeat(5_000);
      await Promise.all(
        groups.flatMap(({ id }) => Array.from({ length: 20 }, () => device.send(id, { content: long }))),
      );
      const heads: ClientHeads = { [conversation.id]: 0, ...Object.fromEntries(groups.map(({ id }) => [id, 0])) };
      const hearer = await bob.online(transport);
      const counts = new Map<string, number>();
      let answers = 0;
      for (let hasMore = true; hasMore; answers++) {
        const missed = await sync(hearer, heads);
        expect(Buffer.byteLength(JSON.stringify(missed))).toBeLessThan(1_048_576);
        for (const [id, changes] of Object.entries(missed.conversations)) {
          heads[id] = { seq: changes.last_seq, rev: changes.rev };
          for (const { seq } of changes.messages) {
            expect(seq).toBe((counts.get(id) ?? 0) + 1);
            counts.set(id, seq);
          }
        }
        hasMore = missed.has_more;
      }
      expect(answers).toBeGreaterThan(1);
      expect(groups.map(({ id }) => counts.get(id))).toEqual(groups.map(() => 20));
    });

    it('names conversations that are new to the client', async () => {
      const device = await bob.online(transport);
      const { heads } = await device.session;
      const opened = await alice.openGroup([bob], 'Meanwhile');
      await alice.send(opened.id, { content: 'hello' });
      const missed = await sync(device, heads);
      expect(missed.new_conversations).toHaveLength(1);
      expect(missed.new_conversations[0]).toMatchObject({
        id: opened.id,
        title: 'Meanwhile',
        my_role: 'participant',
        unread_count: 1,
      });
    });

    it('names conversations of the heads that the user is not in, and tells nothing of them', async () => {
      const [mallory] = await scene.people('mallory');
      if (!mallory) throw new Error('nobody');
      await alice.send(conversation.id, { content: 'a secret' });
      const device = await mallory.online(transport);
      const never = '9007199254740993';
      const missed = await sync(device, { [conversation.id]: 0, [never]: { seq: 1, rev: 1 }, nonsense: 3 });
      expect([...missed.gone].sort()).toEqual([conversation.id, never, 'nonsense'].sort());
      expect(missed.conversations).toEqual({});
      expect(JSON.stringify(missed)).not.toContain('a secret');
    });

    it('tells of a removal also where that comes while the session opens, and nothing of what is said after it', async () => {
      // Others listen everywhere: what a session needs is there before it comes.
      await Promise.all(deployment().urls.map((_, gateway) => alice.online(transport, { gateway })));
      const hearOfRemoval = async ({ id, last_seq: seq, rev }: ViewedConversation, gateway: number) => {
        const device = bob.connect(transport, { heads: { [id]: { seq, rev } }, gateway });
        const [{ gone }] = await Promise.all([
          device.nextEvent('synced'),
          alice.rest().call('DELETE', `/api/conversations/${id}/participants/${bob.id}`),
        ]);
        if (!gone.includes(id)) await device.nextEvent('participant_removed', (left) => left.conversation_id === id);
        await alice.send(id, { content: 'now that he is gone' });
        const { id: last } = await alice.send(conversation.id, { content: 'to where he still is' });
        await device.nextEvent('new_message', ({ message }) => message.id === last);
        expect(JSON.stringify(device.frames)).not.toContain('now that he is gone');
        device.close();
        await device.closed;
      };
      for (let round = 0; round < 8; round++) {
        const groups = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => alice.openGroup([bob], `Group ${number}`)));
        await Promise.all(groups.map(hearOfRemoval));
      }
    });

    it('survives heads that are ahead of the server', async () => {
      await say(2);
      const device = await bob.resumed(transport, { [conversation.id]: { seq: 999, rev: 999 } });
      const message = await alice.send(conversation.id, { content: 'and on' });
      await device.nextEvent('new_message', ({ message: { id } }) => id === message.id);
    });

    it.each([
      ['no heads', {}],
      ['heads that are a list', { heads: [] }],
      ['a negative seq', { heads: { 1: -1 } }],
      ['a head without rev', { heads: { 1: { seq: 1 } } }],
      ['a fraction', { heads: { 1: 0.5 } }],
      ['a word', { heads: { 1: 'last' } }],
    ])('refuses a sync with %s', async (_, payload) => {
      const device = await bob.online(transport);
      const ack = await device.emitWithAck('sync', payload);
      expect(ack).toMatchObject({ ok: false, error: { status: 422, code: 'validation_failed' } });
    });
  });
}
