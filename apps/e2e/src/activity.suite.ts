import type { PresenceView, UserView } from '@parley/contracts';
import type { Deployment } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { eventsOf, eventually, setStatus, statusOf } from './presence.scene';

/** One who goes on typing is shown again, not more often than this, in milliseconds. */
const repeatMs = 2_000;

/** What users do right now: where they type, what they look at. */
export function activitySuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  /** Alice and Bob in a group, Bob on another gateway; Mallory is outside. */
  const group = async () => {
    const [alice, bob, mallory] = (await scene.people('alice', 'bob', 'mallory')) as [Person, Person, Person];
    const { id } = await alice.openGroup([bob]);
    return { alice, bob, mallory, id };
  };

  describe('typing', () => {
    it.each(transports)('is shown over %s to the others, and to nobody else, until it stops', async (transport) => {
      const { alice, bob, mallory, id } = await group();
      const [device, other, watcher, outsider] = await Promise.all([
        alice.online(transport),
        alice.online('plain', { gateway: 1 }),
        bob.online(transport, { gateway: 1 }),
        mallory.online(transport),
      ]);
      expect(await device.emitWithAck('typing_start', { conversation_id: id })).toEqual({ ok: true, data: {} });
      const typing = { conversation_id: id, user_id: alice.id, user_name: 'alice' };
      expect(await watcher.nextEvent('typing_start')).toEqual(expect.objectContaining(typing));
      expect(await statusOf(bob, alice, 1)).toMatchObject({ is_typing: true, typing_in_conversation: id });
      expect(await statusOf(mallory, alice, 1)).toMatchObject({ is_typing: false, typing_in_conversation: null });
      device.emit('typing_stop', { conversation_id: id });
      expect(await watcher.nextEvent('typing_stop')).toEqual(expect.objectContaining(typing));
      for (const deaf of [device, other, outsider]) {
        expect([...eventsOf(deaf, 'typing_start', alice), ...eventsOf(deaf, 'typing_stop', alice)]).toEqual([]);
      }
    });

    it('stops with the message', async () => {
      const { alice, bob, id } = await group();
      const [device, watcher] = [await alice.online('plain'), await bob.online('plain', { gateway: 1 })];
      for (let round = 0; round < 3; round++) {
        device.emit('typing_start', { conversation_id: id });
        await watcher.nextEvent('typing_start');
        await device.send(id, { content: `Hello ${round}` });
        // Her own gateway has seen it end, too: what she types then is new.
        await Promise.all([watcher.nextEvent('typing_stop'), device.nextEvent('new_message')]);
      }
      expect((await statusOf(bob, alice, 1)).is_typing).toBe(false);
    });

    it('stops by itself', async () => {
      const { alice, bob, id } = await group();
      const watcher = await bob.online('plain', { gateway: 1 });
      const answer = await alice.rest().post(`/api/conversations/${id}/typing`, { is_typing: true });
      expect(answer).toMatchObject({ status: 200, body: { success: true } });
      await watcher.nextEvent('typing_start');
      await watcher.nextEvent('typing_stop');
      expect((await statusOf(bob, alice, 1)).is_typing).toBe(false);
    });

    it('stops with the last socket', async () => {
      const { alice, bob, id } = await group();
      const watcher = await bob.online('plain', { gateway: 1 });
      const device = await alice.online('plain');
      await device.emitWithAck('typing_start', { conversation_id: id });
      await watcher.nextEvent('typing_start');
      const before = Date.now();
      device.close();
      await watcher.nextEvent('typing_stop');
      expect(Date.now() - before).toBeLessThan(4_000);
    });

    it('goes with a status, as that says it', async () => {
      const { alice, bob, id } = await group();
      const [, watcher] = [await alice.online('plain'), await bob.online('plain', { gateway: 1 })];
      const said = await setStatus(alice, { status: 'online', is_typing: true, typing_in_conversation: id });
      expect(said).toMatchObject({ status: 'online', is_typing: true, typing_in_conversation: id });
      await watcher.nextEvent('typing_start');
      const change = await watcher.nextEvent('user_status_change', ({ is_typing }) => is_typing);
      expect(change).toMatchObject({ user_id: alice.id, status: 'online', conversation_id: id });
      const view: PresenceView = await setStatus(alice, { is_typing: false, typing_in_conversation: null });
      expect(view).toMatchObject({ is_typing: false, typing_in_conversation: null });
      await watcher.nextEvent('typing_stop');
      await watcher.nextEvent('user_status_change', (frame) => frame.conversation_id === id && !frame.is_typing);
    });

    it('is refused where one may not speak', async () => {
      const { alice, bob, mallory, id } = await group();
      const [watcher, outsider] = [await bob.online('plain'), await mallory.online('plain')];
      const path = `/api/conversations/${id}/typing`;
      expect((await mallory.rest().post(path, { is_typing: true })).status).toBe(403);
      for (const event of ['typing_start', 'typing_stop', 'join_conversation', 'leave_conversation']) {
        expect(await outsider.emitWithAck(event, { conversation_id: id })).toMatchObject({
          ok: false,
          error: { code: 'not_a_participant' },
        });
      }
      const status = { status: 'online', is_typing: true, typing_in_conversation: id };
      expect((await mallory.rest().call('PUT', '/api/users/status', status)).status).toBe(403);
      expect((await alice.rest().post('/api/conversations/999999999/typing', { is_typing: true })).status).toBe(404);
      expect((await alice.rest().post(path, { is_typing: 'yes' })).status).toBe(422);
      const muted = { is_muted: true };
      const put = await alice.rest().call('PUT', `/api/conversations/${id}/participants/${bob.id}`, muted);
      expect(put.status).toBe(200);
      expect((await bob.rest().post(path, { is_typing: true })).status).toBe(403);
      expect(eventsOf(watcher, 'typing_start', mallory)).toEqual([]);
    });

    it('ends with the right to speak, also of who typed a moment ago', async () => {
      const { alice, bob, id } = await group();
      const [device, watcher] = [await bob.online('plain', { gateway: 1 }), await alice.online('plain')];
      expect(await device.emitWithAck('typing_start', { conversation_id: id })).toMatchObject({ ok: true });
      await watcher.nextEvent('typing_start');
      await alice.rest().call('PUT', `/api/conversations/${id}/participants/${bob.id}`, { is_muted: true });
      await watcher.nextEvent('typing_stop');
      await device.nextEvent('participant_updated');
      expect(await device.emitWithAck('typing_start', { conversation_id: id })).toMatchObject({
        ok: false,
        error: { code: 'participant_muted' },
      });
    });

    it('is refused to who was blocked a moment ago', async () => {
      const { alice, bob } = await group();
      const { id } = await alice.openDirect(bob);
      const [device] = [await bob.online('plain', { gateway: 1 }), await alice.online('plain')];
      await eventually(async () => (await statusOf(bob, alice, 1)).status === 'online');
      expect(await device.emitWithAck('typing_start', { conversation_id: id })).toMatchObject({ ok: true });
      await alice.rest().post(`/api/users/${bob.id}/block`, {});
      await device.nextEvent(
        'user_status_change',
        ({ user_id, status }) => user_id === alice.id && status === 'offline',
      );
      expect(await device.emitWithAck('typing_start', { conversation_id: id })).toMatchObject({
        ok: false,
        error: { code: 'user_blocked' },
      });
    });

    it('is shown no more often than is worth it', async () => {
      const { alice, bob, id } = await group();
      const [device, watcher] = [await alice.online('plain'), await bob.online('plain', { gateway: 1 })];
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: 50 }, () => device.emitWithAck('typing_start', { conversation_id: id })));
      await watcher.nextEvent('typing_start');
      await device.send(id, { content: 'Done' });
      await watcher.nextEvent('typing_stop');
      const tookMs = performance.now() - startedAt;
      const shown = eventsOf(watcher, 'typing_start', alice).length;
      expect(shown).toBeLessThanOrEqual(1 + Math.floor(tookMs / repeatMs));
    });
  });

  describe('looking at a conversation', () => {
    it('answers where it stands and who is online, and tells the others', async () => {
      const { alice, bob, id } = await group();
      await alice.send(id, { content: 'Hello' });
      const [device, watcher] = [await alice.online('plain'), await bob.online('socket.io', { gateway: 1 })];
      await eventually(async () => (await statusOf(bob, bob, 1)).status === 'online');
      const ack = await watcher.emitWithAck<{ online_users: UserView[] }>('join_conversation', { conversation_id: id });
      expect(ack).toMatchObject({ ok: true, data: { conversation_id: id, last_seq: 1, rev: expect.any(Number) } });
      const online = ack.ok ? ack.data.online_users.map((user) => user.id) : [];
      expect(online).toContain(bob.id);
      const joined = { conversation_id: id, user_id: bob.id, user_name: 'bob' };
      expect(await device.nextEvent('user_joined')).toEqual(expect.objectContaining(joined));
      expect(await watcher.emitWithAck('leave_conversation', { conversation_id: id })).toEqual({ ok: true, data: {} });
      expect(await device.nextEvent('user_left')).toEqual(expect.objectContaining(joined));
      expect(eventsOf(watcher, 'user_joined', bob)).toEqual([]);
    });

    it('is not needed to receive, and ends with the socket', async () => {
      const { alice, bob, id } = await group();
      const [device, watcher] = [await alice.online('plain'), await bob.online('plain', { gateway: 1 })];
      await watcher.emitWithAck('join_conversation', { conversation_id: id });
      await device.nextEvent('user_joined');
      watcher.close();
      await device.nextEvent('user_left', ({ user_id }) => user_id === bob.id);
    });

    it('counts the devices of a user as one', async () => {
      const { alice, bob, id } = await group();
      const device = await alice.online('plain');
      const [one, other] = [await bob.online('plain'), await bob.online('socket.io', { gateway: 1 })];
      await one.emitWithAck('join_conversation', { conversation_id: id });
      await device.nextEvent('user_joined');
      await other.emitWithAck('join_conversation', { conversation_id: id });
      await one.emitWithAck('leave_conversation', { conversation_id: id });
      other.close();
      await device.nextEvent('user_left');
      expect(eventsOf(device, 'user_joined', bob)).toHaveLength(1);
      expect(eventsOf(device, 'user_left', bob)).toHaveLength(1);
    });
  });
}
