import type { ViewedConversation } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import type { Deployment } from '@parley/testing';
import { ChatScene, type Person } from './chat.scene';

interface ConversationPage {
  readonly conversations: ViewedConversation[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly page: number;
  readonly limit: number;
}

async function list(person: Person, query = '', gateway = 0): Promise<ConversationPage> {
  const { status, body } = await person.rest(gateway).get<ConversationPage>(`/api/conversations${query}`);
  expect(status).toBe(200);
  return body;
}

const idsOf = ({ conversations }: ConversationPage): string[] => conversations.map(({ id }) => id);

export function conversationSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;

  const create = (person: Person, body: unknown, gateway = 0) =>
    person.rest(gateway).post<ViewedConversation & Problem>('/api/conversations', body);

  beforeEach(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
  });
  afterEach(() => scene.end());

  describe('creating', () => {
    it('makes a group whose creator is its admin', async () => {
      const { status, body } = await create(alice, {
        type: 'group',
        title: 'Study group',
        description: 'On Mondays',
        participant_ids: [bob.id],
        metadata: { course: 'C1' },
      });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        type: 'group',
        title: 'Study group',
        description: 'On Mondays',
        metadata: { course: 'C1' },
        visibility: 'private',
        posting: 'everyone',
        created_by: alice.id,
        last_message: null,
        last_message_at: body.created_at,
        last_seq: 0,
        participant_count: 2,
        is_archived: false,
        is_deleted: false,
        is_muted: false,
        unread_count: 0,
        mention_count: 0,
        last_read_seq: 0,
        my_role: 'admin',
      });
      const roles = body.participants.map(({ user_id, role, user }) => [user_id, role, user.display_name]);
      expect(roles.sort()).toEqual(
        [
          [alice.id, 'admin', 'alice'],
          [bob.id, 'participant', 'bob'],
        ].sort(),
      );
    });

    it('takes the creator among the participants, and names that are repeated, for what they are', async () => {
      const { body } = await create(alice, { type: 'group', participant_ids: [alice.id, bob.id, bob.id] });
      expect(body.participant_count).toBe(2);
      const { status } = await create(alice, { type: 'direct', participant_ids: [bob.id, alice.id] });
      expect(status).toBe(201);
    });

    it('finds the direct conversation that two users have, from either side', async () => {
      const first = await create(alice, { type: 'direct', participant_ids: [bob.id] });
      const again = await create(bob, { type: 'direct', participant_ids: [alice.id] }, 1);
      expect([first.status, again.status]).toEqual([201, 200]);
      expect(again.body.id).toBe(first.body.id);
    });

    it('makes one direct conversation where both sides ask many times at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => {
          const [from, to] = index % 2 === 0 ? [alice, bob] : [bob, alice];
          return create(from, { type: 'direct', participant_ids: [to.id] }, Math.floor(index / 2));
        }),
      );
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(15).fill(200), 201]);
      expect(idsOf(await list(bob))).toEqual([answers[0]?.body.id]);
    });

    it('refuses users that nobody knows, by name', async () => {
      const { status, body } = await create(alice, {
        type: 'group',
        participant_ids: [bob.id, 'nobody-1', 'nobody-2'],
      });
      expect({ status, code: body.code }).toEqual({ status: 422, code: 'unknown_users' });
      expect(JSON.stringify(body)).toContain('nobody-1');
      expect(JSON.stringify(body)).toContain('nobody-2');
      expect(JSON.stringify(body)).not.toContain(bob.id);
    });

    it.each([
      ['a direct conversation with nobody', () => ({ type: 'direct', participant_ids: [] })],
      ['a direct conversation with oneself', () => ({ type: 'direct', participant_ids: [alice.id] })],
      ['a direct conversation of three', () => ({ type: 'direct', participant_ids: [bob.id, 'carol'] })],
      ['an unknown type', () => ({ type: 'broadcast', participant_ids: [bob.id] })],
      ['no type', () => ({ participant_ids: [bob.id] })],
      ['no participants', () => ({ type: 'group' })],
      ['participants that are no list', () => ({ type: 'group', participant_ids: bob.id })],
      ['participants that are no text', () => ({ type: 'group', participant_ids: [7] })],
      ['a title of 256 characters', () => ({ type: 'group', participant_ids: [bob.id], title: 'x'.repeat(256) })],
      ['a title with NUL', () => ({ type: 'group', participant_ids: [bob.id], title: 'a\u0000b' })],
      [
        'a description of 2001 characters',
        () => ({ type: 'group', participant_ids: [bob.id], description: 'x'.repeat(2_001) }),
      ],
      [
        'a picture that is no link',
        () => ({ type: 'group', participant_ids: [bob.id], avatar_url: 'javascript:alert(1)' }),
      ],
      ['metadata that is a list', () => ({ type: 'group', participant_ids: [bob.id], metadata: [] })],
      [
        'metadata of more than 16 KiB',
        () => ({ type: 'group', participant_ids: [bob.id], metadata: { x: 'x'.repeat(16_384) } }),
      ],
    ])('refuses %s', async (_, body) => {
      const { status, body: problem } = await create(alice, body());
      expect({ status, code: problem.code }).toEqual({ status: 422, code: 'validation_failed' });
      expect(idsOf(await list(alice))).toEqual([]);
    });
  });

  describe('reading one', () => {
    it('shows it to its participants alone', async () => {
      const [mallory] = await scene.people('mallory');
      const { id } = await alice.openGroup([bob]);
      const own = await bob.rest(1).get<ViewedConversation>(`/api/conversations/${id}`);
      expect(own).toMatchObject({ status: 200, body: { id, my_role: 'participant' } });
      await expect(mallory?.rest().get(`/api/conversations/${id}`)).resolves.toMatchObject({
        status: 403,
        body: { code: 'not_a_participant', detail: 'Not a participant in this conversation' },
      });
    });

    it.each(['9007199254740993', '0', '007', '-1', '1.5', 'abc', '99999999999999999999', "1'--", '%00', '1%2F..'])(
      'answers 404 for %s, which never was one',
      async (id) => {
        await expect(alice.rest().get(`/api/conversations/${id}`)).resolves.toMatchObject({
          status: 404,
          body: { code: 'conversation_not_found', detail: 'Conversation not found' },
        });
      },
    );
  });

  describe('the list', () => {
    it('has the latest activity first, and moves with each message', async () => {
      const [first, second, third] = [
        await alice.openGroup([bob], 'first'),
        await alice.openGroup([bob], 'second'),
        await alice.openGroup([bob], 'third'),
      ];
      expect(idsOf(await list(alice))).toEqual([third.id, second.id, first.id]);
      const message = await bob.send(first.id, { content: 'up!' });
      const page = await list(alice, '', 1);
      expect(idsOf(page)).toEqual([first.id, third.id, second.id]);
      expect(page.conversations[0]).toMatchObject({
        last_message: { id: message.id, seq: 1, sender_id: bob.id, content: 'up!' },
        last_message_at: message.created_at,
        last_seq: 1,
      });
    });

    it('counts what others sent as unread, until one speaks oneself', async () => {
      const { id } = await alice.openGroup([bob]);
      for (const content of ['one', 'two', 'three']) await bob.send(id, { content });
      const unread = async (person: Person) =>
        (await list(person)).conversations.map(({ unread_count }) => unread_count);
      expect([await unread(alice), await unread(bob)]).toEqual([[3], [0]]);
      await alice.send(id, { content: 'I have read it' });
      expect([await unread(alice), await unread(bob)]).toEqual([[0], [1]]);
    });

    it('holds only what the caller is in', async () => {
      const [carol] = await scene.people('carol');
      await alice.openGroup([bob]);
      if (!carol) throw new Error('nobody');
      expect(await list(carol)).toMatchObject({ conversations: [], has_more: false, next_cursor: null });
    });

    it('can be asked for one type', async () => {
      const direct = await alice.openDirect(bob);
      const group = await alice.openGroup([bob]);
      expect(idsOf(await list(alice, '?type=direct'))).toEqual([direct.id]);
      expect(idsOf(await list(alice, '?type=group'))).toEqual([group.id]);
      expect(idsOf(await list(alice, '?type=channel'))).toEqual([]);
    });

    it('is walked by cursor to its end without repeats, and by page', async () => {
      for (let index = 0; index < 7; index++) await alice.openGroup([bob], `Group ${index}`);
      const all = idsOf(await list(alice));
      expect(all).toHaveLength(7);
      const walked: string[] = [];
      let cursor: string | null = null;
      do {
        const page: ConversationPage = await list(
          alice,
          `?limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        );
        walked.push(...idsOf(page));
        expect(page.has_more).toBe(page.next_cursor !== null);
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(walked).toEqual(all);
      const second = await list(alice, '?page=2&limit=3');
      expect(second).toMatchObject({ page: 2, limit: 3, has_more: true });
      expect(idsOf(second)).toEqual(all.slice(3, 6));
      expect(idsOf(await list(alice, '?page=9&limit=3'))).toEqual([]);
    });

    it('shows ten participants at most, and counts all', async () => {
      const others = await scene.people(...Array.from({ length: 12 }, (_, index) => `p${index}`));
      const { id, participants } = await alice.openGroup(others);
      expect(participants).toHaveLength(13);
      const { conversations } = await list(alice);
      expect(conversations[0]).toMatchObject({ id, participant_count: 13 });
      expect(conversations[0]?.participants).toHaveLength(10);
    });

    it.each([
      '?limit=0',
      '?limit=101',
      '?limit=x',
      '?page=0',
      '?page=-1',
      '?type=other',
      '?cursor=nonsense',
      '?limit=1.5',
    ])('refuses %s', async (query) => {
      await expect(alice.rest().get(`/api/conversations${query}`)).resolves.toMatchObject({
        status: 422,
        body: { code: 'validation_failed' },
      });
    });
  });
}
