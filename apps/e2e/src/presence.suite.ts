import type { OwnUserView, PresenceView, SyncView, UserView, ViewedConversation } from '@parley/contracts';
import { type ChatClient, type Deployment, RestClient, type Transport } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { eventually, eventsOf, onlineIn, setStatus, statusOf } from './presence.scene';

/** Who is here: over sockets of both transports, on whatever gateway. */
export function presenceSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  describe.each(transports)('over %s', (transport) => {
    it('tells those who share a conversation that somebody comes and goes, and since when', async () => {
      const [alice, bob] = await scene.pair();
      await alice.openDirect(bob);
      const watcher = await bob.online(transport, { gateway: 1 });
      const device = await alice.online(transport);
      const ofAlice = ({ user_id }: { user_id: string }) => user_id === alice.id;
      expect(await watcher.nextEvent('user_status_change', ofAlice)).toEqual(
        expect.objectContaining({ user_id: alice.id, status: 'online', is_typing: false, last_seen: null }),
      );
      expect((await statusOf(bob, alice)).status).toBe('online');
      device.close();
      const change = await watcher.nextEvent('user_status_change', ofAlice);
      expect(change).toMatchObject({ status: 'offline', last_seen: expect.stringMatching(/^\d{4}-.*Z$/) });
      expect(await statusOf(bob, alice)).toMatchObject({ status: 'offline', last_seen: change.last_seen });
      await eventually(async () => {
        const { body } = await bob.rest().get<UserView>(`/api/users/${alice.id}`);
        return body.last_seen === change.last_seen;
      });
    });
  });

  it('counts the devices of a user as one', async () => {
    const [alice, bob] = await scene.pair();
    await alice.openDirect(bob);
    const watcher = await bob.online('plain');
    const devices = [await alice.online('plain'), await alice.online('socket.io', { gateway: 1 })];
    await watcher.nextEvent('user_status_change', ({ user_id }) => user_id === alice.id);
    devices[0]?.close();
    await setStatus(alice, { status: 'away' });
    await watcher.nextEvent('user_status_change', ({ status }) => status === 'away');
    expect(eventsOf(watcher, 'user_status_change', alice)).toEqual(['online', 'away']);
    expect((await statusOf(bob, alice)).status).toBe('away');
  });

  it('makes nothing of a socket that is replaced at once', async () => {
    const [alice, bob] = await scene.pair();
    await alice.openDirect(bob);
    const watcher = await bob.online('plain');
    for (let flap = 0; flap < 5; flap++) {
      const device = await alice.online('plain', { gateway: flap });
      if (flap < 4) device.close();
    }
    await setStatus(alice, { status: 'busy' });
    await watcher.nextEvent('user_status_change', ({ status }) => status === 'busy');
    // Changes of one moment travel as one, so that the status may come with the news that she is there.
    expect([['online', 'busy'], ['busy']]).toContainEqual(eventsOf(watcher, 'user_status_change', alice));
  });

  it('shows strangers and blocked users nothing, anywhere', async () => {
    const [alice, bob, mallory] = (await scene.people('alice', 'bob', 'mallory')) as [Person, Person, Person];
    await alice.openGroup([bob]);
    expect((await alice.rest().post(`/api/users/${bob.id}/block`, {})).status).toBeLessThan(300);
    const outsiders = await Promise.all([bob, mallory].map((person) => person.online('plain', { gateway: 1 })));
    for (const outsider of outsiders) await outsider.emitWithAck('subscribe_presence', { user_ids: [alice.id] });
    const device = await alice.online('plain');
    await setStatus(alice, { status: 'away', status_text: 'Here' });
    for (const person of [bob, mallory]) {
      expect(await statusOf(person, alice)).toEqual({
        user_id: alice.id,
        status: 'offline',
        status_text: null,
        is_typing: false,
        typing_in_conversation: null,
        last_seen: null,
      });
      const { body } = await person.rest().get<UserView>(`/api/users/${alice.id}`);
      expect(body).toMatchObject({ status: 'offline', last_seen: null });
      const { body: online } = await person.rest().get<{ users: UserView[] }>('/api/users/online');
      expect(online.users.map(({ id }) => id)).not.toContain(alice.id);
    }
    await eventually(async () => (await statusOf(alice, bob)).status === 'online');
    device.close();
    await eventually(async () => (await statusOf(alice, alice)).status === 'offline');
    for (const outsider of outsiders) expect(eventsOf(outsider, 'user_status_change', alice)).toEqual([]);
  });

  it('shows who gets blocked that the blocker is gone, and how things are when the block ends', async () => {
    const [alice, bob, carol] = (await scene.people('alice', 'bob', 'carol')) as [Person, Person, Person];
    await alice.openGroup([bob, carol]);
    const [watcher, other] = [await bob.online('plain', { gateway: 1 }), await carol.online('plain', { gateway: 1 })];
    await alice.online('plain');
    await watcher.nextEvent('user_status_change', ({ user_id, status }) => user_id === alice.id && status === 'online');
    await alice.rest().post(`/api/users/${bob.id}/block`, {});
    await watcher.nextEvent('user_status_change', ({ status }) => status === 'offline');
    await setStatus(alice, { status: 'busy' });
    await other.nextEvent('user_status_change', ({ status }) => status === 'busy');
    await alice.rest().call('DELETE', `/api/users/${bob.id}/block`, undefined);
    await watcher.nextEvent('user_status_change', ({ status }) => status === 'busy');
    expect(eventsOf(watcher, 'user_status_change', alice)).toEqual(['online', 'offline', 'busy']);
    expect(eventsOf(other, 'user_status_change', alice)).toEqual(['online', 'busy']);
  });

  it('keeps a choice while a socket lives, and hides who wants to be hidden', async () => {
    const [alice, bob] = await scene.pair();
    await alice.openDirect(bob);
    const watcher = await bob.online('plain', { gateway: 1 });
    const [device, other] = [await alice.online('plain'), await alice.online('socket.io', { gateway: 1 })];
    const ack = await device.emitWithAck<PresenceView>('set_status', { status: 'busy', status_text: 'Reading' });
    expect(ack).toMatchObject({ ok: true, data: { user_id: alice.id, status: 'busy', status_text: 'Reading' } });
    await watcher.nextEvent('user_status_change', ({ status }) => status === 'busy');
    await other.nextEvent('user_status_change', ({ user_id, status }) => user_id === alice.id && status === 'busy');
    expect(await statusOf(bob, alice)).toMatchObject({ status: 'busy', status_text: 'Reading' });

    await setStatus(alice, { status: 'offline' });
    const hidden = await watcher.nextEvent('user_status_change', ({ status }) => status === 'offline');
    expect(hidden.last_seen).not.toBeNull();
    expect((await statusOf(bob, alice)).status).toBe('offline');
    await setStatus(alice, { status: 'online' });
    await watcher.nextEvent('user_status_change', ({ status }) => status === 'online');
  });

  it('takes a status from somebody without a socket', async () => {
    const [alice, bob] = await scene.pair();
    await alice.openDirect(bob);
    const watcher = await bob.online('plain', { gateway: 1 });
    await setStatus(alice, { status: 'away' });
    await watcher.nextEvent('user_status_change', ({ user_id, status }) => user_id === alice.id && status === 'away');
    expect((await statusOf(bob, alice)).status).toBe('away');
    await setStatus(alice, { status: 'offline' });
    expect((await statusOf(bob, alice)).status).toBe('offline');
  });

  it('shows whoever comes after having hidden without a socket', async () => {
    const [alice, bob] = await scene.pair();
    await alice.openDirect(bob);
    const watcher = await bob.online('plain', { gateway: 1 });
    await setStatus(alice, { status: 'offline' });
    await alice.online('plain');
    await watcher.nextEvent('user_status_change', ({ user_id, status }) => user_id === alice.id && status === 'online');
  });

  it('hides on every device and gateway who has hidden on one, with what is looked at', async () => {
    const [alice, bob] = await scene.pair();
    const { id } = await alice.openGroup([bob]);
    const watcher = await bob.online('plain', { gateway: 1 });
    await (await alice.online('plain')).emitWithAck('set_status', { status: 'offline' });
    const other = await alice.online('plain', { gateway: 1 });
    await other.emitWithAck('join_conversation', { conversation_id: id });
    await other.emitWithAck('typing_start', { conversation_id: id });
    // What is said of looking comes with a report, of typing at once.
    await watcher.nextEvent('typing_start');
    await other.emitWithAck('set_status', { status: 'online' });
    await watcher.nextEvent('user_joined', ({ user_id }) => user_id === alice.id);
    const heard = watcher.frames.map(({ event, payload }) => [event, (payload as { status?: string }).status]);
    const changes = heard.filter(([event]) => event === 'user_joined' || event === 'user_status_change');
    // Changes of one moment travel as one: what came first need not have been shown.
    expect(changes.filter(([event]) => event === 'user_joined')).toHaveLength(1);
    expect(changes.slice(-2)).toEqual([
      ['user_status_change', 'online'],
      ['user_joined', undefined],
    ]);
  });

  it('tells a socket of those whom it asked for, though the conversation is a large one', async () => {
    const [alice, bob] = await scene.pair();
    const crowd = Array.from({ length: 100 }, (_, n) => scene.newcomer(`crowd${n}`));
    for (const person of crowd) expect((await person.rest().get('/api/users/me')).status).toBe(200);
    await alice.openGroup([bob, ...crowd]);
    const [asking, other] = [await bob.online('plain', { gateway: 1 }), await bob.online('socket.io')];
    const ack = await asking.emitWithAck<{ statuses: PresenceView[] }>('subscribe_presence', { user_ids: [alice.id] });
    expect(ack).toMatchObject({ ok: true, data: { statuses: [{ user_id: alice.id, status: 'offline' }] } });
    await alice.online('plain');
    await asking.nextEvent('user_status_change', ({ user_id, status }) => user_id === alice.id && status === 'online');
    expect(eventsOf(other, 'user_status_change', alice)).toEqual([]);
    expect((await statusOf(bob, alice)).status).toBe('online');
  });

  it('lists who is online, of a conversation and of all', async () => {
    const [alice, bob, carol] = (await scene.people('alice', 'bob', 'carol')) as [Person, Person, Person];
    const { id } = await alice.openGroup([bob, carol]);
    await Promise.all([bob.online('plain'), alice.online('socket.io', { gateway: 1 })]);
    const online = [alice.id, bob.id].sort();
    await eventually(async () => (await onlineIn(carol, id)).join() === online.join());
    const { body } = await alice.rest().get<{ users: UserView[] }>('/api/users/online');
    expect(body.users).toEqual([expect.objectContaining({ id: bob.id, status: 'online' })]);
    const mallory = scene.newcomer('mallory');
    expect((await mallory.rest().get(`/api/conversations/${id}/online-users`)).status).toBe(403);
    expect((await mallory.rest().get('/api/conversations/999999999/online-users')).status).toBe(404);
  });

  it('shows in conversations, participants and profiles who is online', async () => {
    const [alice, bob] = await scene.pair();
    const { id } = await alice.openDirect(bob);
    await bob.online('plain', { gateway: 1 });
    await eventually(async () => (await statusOf(alice, bob)).status === 'online');
    const statusIn = ({ participants }: Pick<ViewedConversation, 'participants'>) =>
      participants.find(({ user_id }) => user_id === bob.id)?.user.status;
    const rest = alice.rest();
    expect(statusIn((await rest.get<ViewedConversation>(`/api/conversations/${id}`)).body)).toBe('online');
    const { body: list } = await rest.get<{ conversations: ViewedConversation[] }>('/api/conversations');
    expect(list.conversations.map(statusIn)).toEqual(['online']);
    expect(statusIn((await rest.get<ViewedConversation>(`/api/conversations/${id}/participants`)).body)).toBe('online');
    expect((await rest.get<UserView>(`/api/users/${bob.id}`)).body.status).toBe('online');
  });

  it('tells a device in its session how its user is seen', async () => {
    const [alice, bob] = await scene.pair();
    await alice.openDirect(bob);
    const statusAt = async (transport: Transport, gateway: number) => {
      const { user } = await (await alice.online(transport, { gateway })).session;
      return [user.status, user.last_seen === null];
    };
    expect(await statusAt('plain', 0)).toEqual(['online', true]);
    expect(await statusAt('socket.io', 0)).toEqual(['online', true]);
    await setStatus(alice, { status: 'busy' });
    expect(await statusAt('plain', 1)).toEqual(['busy', true]);
    await setStatus(alice, { status: 'offline' });
    await eventually(async () => (await statusOf(bob, alice)).status === 'offline');
    await eventually(async () => (await statusAt('socket.io', 1))[0] === 'offline');
    expect((await statusOf(bob, alice)).status).toBe('offline');
  });

  it('shows in what a device has missed who is online', async () => {
    const [alice, bob] = await scene.pair();
    await bob.online('plain', { gateway: 1 });
    const { id } = await alice.openDirect(bob);
    await eventually(async () => (await statusOf(alice, bob)).status === 'online');
    const device = await alice.resumed('plain', {});
    const [{ payload: synced } = { payload: undefined }] = device.frames.filter(({ event }) => event === 'synced');
    const statusIn = ({ participants }: Pick<ViewedConversation, 'participants'>) =>
      participants.find(({ user_id }) => user_id === bob.id)?.user.status;
    expect((synced as SyncView).new_conversations.map(statusIn)).toEqual(['online']);
    await bob.send(id, { content: 'Hello' });
    const ack = await device.emitWithAck<SyncView>('sync', { heads: { [id]: { seq: 0, rev: 0 } } });
    const changes = (ack as { data: SyncView }).data.conversations[id];
    expect(changes && [statusIn(changes), changes.conversation && statusIn(changes.conversation)]).toEqual([
      'online',
      'online',
    ]);
  });

  it('shows a product’s server who is online of those whom it meets', async () => {
    const [alice, server] = await scene.pair();
    await alice.openDirect(server);
    await alice.online('plain');
    await eventually(async () => (await statusOf(server, alice)).status === 'online');
    const rest = new RestClient(scene.url(), server.sign({ role: 'admin' }));
    const put = await rest.call<OwnUserView>('PUT', `/api/users/${alice.id}`, { display_name: 'Ally' });
    expect(put.body).toMatchObject({ display_name: 'Ally', status: 'online' });
    const post = await rest.post<{ users: OwnUserView[] }>('/api/users', { users: [{ id: alice.id }] });
    expect(post.body.users).toMatchObject([{ id: alice.id, status: 'online' }]);
  });

  it.each([
    ['no users', ''],
    ['more than 200 users', Array.from({ length: 201 }, (_, n) => `user_ids=u${n}`).join('&')],
    ['a user without a name', 'user_ids='],
  ])('refuses a question for %s', async (_what, query) => {
    const [alice] = await scene.pair();
    expect((await alice.rest().get(`/api/users/status?${query}`)).status).toBe(422);
  });

  it('answers for 200 users at once, whoever they are', async () => {
    const [alice] = await scene.pair();
    const query = Array.from({ length: 200 }, (_, n) => `user_ids=u${n}`).join('&');
    const { status, body } = await alice.rest().get<{ statuses: PresenceView[] }>(`/api/users/status?${query}`);
    expect(status).toBe(200);
    expect(body.statuses).toHaveLength(200);
  });

  it('refuses a status that is none', async () => {
    const [alice] = await scene.pair();
    const device: ChatClient = await alice.online('plain');
    expect(await device.emitWithAck('set_status', { status: 'sleeping' })).toMatchObject({
      ok: false,
      error: { code: 'validation_failed' },
    });
    const { status } = await alice.rest().call('PUT', '/api/users/status', { status: 'sleeping' });
    expect(status).toBe(422);
  });
}
