import { randomUUID } from 'node:crypto';
import type { OwnUserView, UserProfileView } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { type Deployment, RestClient, type RestAnswer } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';

interface UserPage {
  readonly users: UserProfileView[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const put = <Body>(client: RestClient, path: string, body: object, method = 'PUT'): Promise<RestAnswer<Body>> =>
  client.call<Body>(method, path, body);
const pathOf = (id: string) => `/api/users/${encodeURIComponent(id)}`;
/** A name that nobody has yet: the suites of a deployment share one database. */
const newName = (beginning: string) => `${beginning}-${randomUUID()}`;

export function userSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;

  beforeEach(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
  });
  afterEach(() => scene.end());

  const admin = (gateway = 0) =>
    new RestClient(scene.url(gateway), scene.newcomer('server').sign({ role: 'service_role' }));
  const profileOf = (id: string, asked = bob) => asked.rest(1).get<UserProfileView>(pathOf(id));
  const me = (person: Person, claims = {}, gateway = 0) =>
    new RestClient(scene.url(gateway), person.sign(claims)).get<OwnUserView>('/api/users/me');

  describe('the own profile', () => {
    it.each(['PUT', 'PATCH'])('is changed by %s, for all to see', async (method) => {
      const changes = { display_name: 'Alice L.', username: newName('al'), avatar_url: 'https://example.com/a.png' };
      const all = { ...changes, status_text: 'In Wonderland' };
      const { status, body } = await put<OwnUserView>(alice.rest(), '/api/users/me', all, method);
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: alice.id, ...all, role: 'user', is_banned: false });
      await expect(profileOf(alice.id)).resolves.toMatchObject({ status: 200, body: { id: alice.id, ...all } });
      const { participants } = await bob.openDirect(alice);
      expect(participants.find(({ user_id }) => user_id === alice.id)?.user).toMatchObject(changes);
    });

    it('stays as chosen, whatever tokens tell; the rest is refreshed', async () => {
      await put(alice.rest(), '/api/users/me', { display_name: 'Chosen' });
      const told = { name: 'Told', email: 'told@example.com', preferred_username: newName('told') };
      const { body } = await me(alice, told, 1);
      expect(body).toMatchObject({
        display_name: 'Chosen',
        email: 'told@example.com',
        username: told.preferred_username,
      });
    });

    it.each(transports)('is the present one in a session over %s, on whatever gateway', async (transport) => {
      await alice.online(transport, { gateway: 1 });
      await put(alice.rest(0), '/api/users/me', { display_name: 'Chosen' });
      const device = alice.connect(transport, { gateway: 1 });
      await expect(device.session).resolves.toMatchObject({ user: { display_name: 'Chosen' } });
    });

    it('shows others neither e-mail address nor role', async () => {
      await me(alice, { email: 'alice@example.com', role: 'teacher' });
      const { body } = await profileOf(alice.id);
      expect(Object.keys(body).sort()).toEqual([
        'avatar_url',
        'display_name',
        'id',
        'last_seen',
        'status',
        'status_text',
        'username',
      ]);
    });

    it('keeps usernames apart, however they are written', async () => {
      const username = newName('Neo');
      await put(alice.rest(), '/api/users/me', { username });
      const taken = await put<Problem>(bob.rest(1), '/api/users/me', { username: username.toUpperCase() });
      expect({ status: taken.status, code: taken.body.code }).toEqual({ status: 409, code: 'username_taken' });
      // A token's username is dropped: nobody is kept out for it.
      const told = await me(bob, { preferred_username: username.toLowerCase() });
      expect({ status: told.status, username: told.body.username }).toEqual({ status: 200, username: null });
    });

    it('refuses what cannot be', async () => {
      for (const [field, value] of [
        ['display_name', ''],
        ['display_name', 'x'.repeat(101)],
        ['username', 'a b'],
        ['username', 'x'.repeat(65)],
        ['avatar_url', 'ftp://example.com/a.png'],
        ['status_text', 'x'.repeat(201)],
        ['status_text', 'a\u0000b'],
      ] as const) {
        const { status, body } = await put<Problem>(alice.rest(), '/api/users/me', { [field]: value });
        expect({ field, status, code: body.code }).toEqual({ field, status: 422, code: 'validation_failed' });
      }
    });

    it('of nobody is 404', async () => {
      for (const id of ['nobody', 'x'.repeat(300), '%00']) {
        const path = id === '%00' ? '/api/users/%00' : pathOf(id);
        await expect(alice.rest().get(path)).resolves.toMatchObject({ status: 404, body: { code: 'user_not_found' } });
      }
    });
  });

  describe('search', () => {
    const search = (query: Record<string, string>, person = alice, gateway = 1) =>
      person.rest(gateway).get<UserPage>(`/api/users/search?${new URLSearchParams(query).toString()}`);
    const idsOf = async (query: Record<string, string>, person = alice) =>
      (await search(query, person)).body.users.map(({ id }) => id);

    it('finds by the beginning of names and of e-mail addresses, and shows no address', async () => {
      const [word, email] = [newName('Zed'), `${randomUUID()}@example.com`];
      await me(bob, { name: `${word} Bob`, preferred_username: `u${word}`, email });
      expect(await idsOf({ q: word.toUpperCase() })).toEqual([bob.id]);
      expect(await idsOf({ q: `u${word}` })).toEqual([bob.id]);
      expect(await idsOf({ email: email.toUpperCase() })).toEqual([bob.id]);
      expect(await idsOf({ email: email.slice(0, 20), q: word })).toEqual([bob.id]);
      expect(await idsOf({ email, q: 'somebody else' })).toEqual([]);
      expect(await idsOf({ email: email.slice(0, 2) })).toEqual([]);
      expect(await idsOf({ q: `%${word.slice(1)}` })).toEqual([]);
      const { status, body } = await search({ email, limit: '1' });
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain(email);
      expect(body).toMatchObject({ has_more: false, next_cursor: null });
    });

    it('leaves out those who block the caller, and the banned', async () => {
      const word = newName('hidden');
      await put(bob.rest(), '/api/users/me', { display_name: word });
      await bob.rest().post(`${pathOf(alice.id)}/block`, undefined);
      expect(await idsOf({ q: word })).toEqual([]);
      expect(await idsOf({ q: word }, bob)).toEqual([bob.id]);
      await bob.rest().call('DELETE', `${pathOf(alice.id)}/block`);
      expect(await idsOf({ q: word })).toEqual([bob.id]);
      await admin().post(`${pathOf(bob.id)}/ban`, undefined);
      expect(await idsOf({ q: word })).toEqual([]);
    });

    it.each(['', '?limit=10', '?q=', '?q=&email=', '?q=a&limit=0', '?q=%00'])('refuses %j', async (query) => {
      await expect(alice.rest().get(`/api/users/search${query}`)).resolves.toMatchObject({
        status: 422,
        body: { code: 'validation_failed' },
      });
    });
  });

  describe('administration', () => {
    it('makes users before their first sign-in, and what it says holds', async () => {
      const dave = scene.newcomer('dave');
      const profile = { display_name: 'Dave D.', email: `${randomUUID()}@example.com`, role: 'teacher' };
      const made = await admin().post<{ users: OwnUserView[] }>('/api/users', { users: [{ id: dave.id, ...profile }] });
      expect(made.status).toBe(201);
      expect(made.body.users).toMatchObject([{ id: dave.id, ...profile }]);
      const { id } = await alice.openDirect(dave);
      await alice.send(id, { content: 'Welcome!' });
      const { body } = await me(dave, { name: 'Told', email: 'told@example.com' }, 1);
      expect(body).toMatchObject(profile);
      expect(await dave.history(id)).toMatchObject([{ content: 'Welcome!' }]);
      const again = await admin(1).post('/api/users', { users: [{ id: dave.id, status_text: 'new here' }] });
      expect(again.status).toBe(200);
    });

    it('makes and changes a user by id', async () => {
      const eve = scene.newcomer('eve');
      const made = await put<OwnUserView>(admin(), pathOf(eve.id), { display_name: 'Eve' });
      expect({ status: made.status, id: made.body.id }).toEqual({ status: 201, id: eve.id });
      const changed = await put<OwnUserView>(admin(1), pathOf(eve.id), { username: newName('eve') });
      expect(changed).toMatchObject({ status: 200, body: { display_name: 'Eve' } });
      const taken = await put<Problem>(admin(), pathOf(bob.id), { username: changed.body.username });
      expect({ status: taken.status, code: taken.body.code }).toEqual({ status: 409, code: 'username_taken' });
    });

    it('gives no role that counts: that one is in the token', async () => {
      await put(admin(), pathOf(bob.id), { role: 'admin' });
      await expect(me(bob)).resolves.toMatchObject({ body: { role: 'admin' } });
      await expect(bob.rest().post(`${pathOf(alice.id)}/ban`, undefined)).resolves.toMatchObject({
        status: 403,
        body: { code: 'admin_only' },
      });
    });

    it('is closed to everybody else', async () => {
      const moderator = new RestClient(scene.url(), bob.sign({ role: 'moderator' }));
      for (const client of [alice.rest(), moderator]) {
        const answers = await Promise.all([
          client.post<Problem>('/api/users', { users: [{ id: alice.id }] }),
          put<Problem>(client, pathOf(alice.id), { display_name: 'x' }),
          ...['ban', 'unban', 'revoke'].map((action) =>
            client.post<Problem>(`${pathOf(alice.id)}/${action}`, undefined),
          ),
        ]);
        expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [403, 'admin_only']));
      }
    });
  });

  describe('blocks', () => {
    const block = (by: Person, whom: Person, gateway = 0) =>
      by.rest(gateway).post<UserProfileView>(`${pathOf(whom.id)}/block`, undefined);
    const unblock = (by: Person, whom: Person, gateway = 0) =>
      by.rest(gateway).call<UserProfileView>('DELETE', `${pathOf(whom.id)}/block`);
    const refusal = { status: 403, body: { code: 'user_blocked' } };

    it('end what two have with each other directly, and nothing else', async () => {
      const [direct, group] = [await alice.openDirect(bob), await alice.openGroup([bob])];
      const made = await block(alice, bob);
      expect({ status: made.status, id: made.body.id }).toEqual({ status: 201, id: bob.id });
      const send = (id: string) => bob.rest(1).post(`/api/conversations/${id}/messages`, { content: 'Hello?' });
      await expect(send(direct.id)).resolves.toMatchObject(refusal);
      await expect(send(group.id)).resolves.toMatchObject({ status: 201 });
      await alice.send(direct.id, { content: 'I may write' });
      expect((await unblock(alice, bob, 1)).status).toBe(200);
      await expect(send(direct.id)).resolves.toMatchObject({ status: 201 });
    });

    it.each(transports)('hold for frames over %s', async (transport) => {
      const { id } = await alice.openDirect(bob);
      const device = await bob.online(transport, { gateway: 1 });
      await block(alice, bob);
      await expect(device.send(id, { content: 'Hello?' })).rejects.toMatchObject({ problem: { code: 'user_blocked' } });
    });

    it('keep the blocked one from opening a direct conversation', async () => {
      await block(alice, bob);
      const opening = bob.rest(1).post('/api/conversations', { type: 'direct', participant_ids: [alice.id] });
      await expect(opening).resolves.toMatchObject(refusal);
    });

    it('are listed for whoever made them, and for nobody else', async () => {
      const others = await scene.people('x', 'y', 'z');
      for (const other of others) await block(alice, other);
      expect((await block(alice, bob)).status).toBe(201);
      expect((await block(alice, bob, 1)).status).toBe(200);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const { body } = await alice.rest(1).get<UserPage>(`/api/users/blocked?limit=3${query}`);
        seen.push(...body.users.map(({ id }) => id));
        expect(body.has_more).toBe(body.next_cursor !== null);
        cursor = body.next_cursor;
      } while (cursor !== null);
      expect(seen.sort()).toEqual([bob, ...others].map(({ id }) => id).sort());
      await expect(bob.rest().get('/api/users/blocked')).resolves.toMatchObject({ body: { users: [] } });
    });

    it('are not of oneself, nor of nobody', async () => {
      await expect(block(alice, alice)).resolves.toMatchObject({ status: 422, body: { code: 'validation_failed' } });
      const nobody = scene.newcomer('nobody');
      for (const change of [block, unblock]) {
        await expect(change(alice, nobody)).resolves.toMatchObject({ status: 404, body: { code: 'user_not_found' } });
      }
    });
  });
}
