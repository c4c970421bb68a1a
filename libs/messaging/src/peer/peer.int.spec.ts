import {
  ChangeBlock,
  CheckVoice,
  ConversationId,
  DescribePeers,
  ListAudiences,
  ListPeers,
  ListVisibleParticipants,
  RemoveParticipant,
  type RequestOf,
  SaveLastSeen,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(60_000);

let database: TestDatabase;
let messaging: MessagingProcess;
let scene: Scene;
let people = 0;

beforeAll(async () => {
  database = await testDatabase();
  messaging = await startMessaging(database.url);
  scene = new Scene(messaging);
});
afterAll(async () => {
  await messaging.close();
  await database.drop();
});

const newcomers = <N extends string>(...names: N[]): Promise<UserId[]> => {
  people++;
  return scene.users(...names.map((name) => `${name}-${people}`));
};
const describeAll = async (
  viewerId: UserId,
  userIds: UserId[],
  fields: Partial<RequestOf<typeof DescribePeers>> = {},
) => messaging.rpc.call(DescribePeers, { viewerId, userIds, areParticipants: false, ...fields });
const visible = async (viewerId: UserId, userIds: UserId[], areParticipants = false) =>
  (await describeAll(viewerId, userIds, { areParticipants })).peers.map(({ userId }) => userId).sort();
const block = (userId: UserId, blockedId: UserId, isBlocked = true) =>
  messaging.rpc.call(ChangeBlock, { userId, blockedId, isBlocked });
const remove = (userId: UserId, conversationId: ConversationId, participantId: UserId) =>
  messaging.rpc.call(RemoveParticipant, { userId, conversationId, participantId });

describe('who may be seen', () => {
  it('is oneself, and those who share a conversation', async () => {
    const [alice, bob, carol] = (await newcomers('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
    await scene.conversation([alice, bob], 'direct');
    expect(await visible(alice, [alice, bob, carol, 'nobody' as UserId])).toEqual([alice, bob]);
    expect(await visible(carol, [alice, bob, carol])).toEqual([carol]);
  });

  it('is nobody who left, or whose conversation is gone', async () => {
    const [alice, bob, carol] = (await newcomers('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
    const { id } = await scene.conversation([alice, bob, carol]);
    await remove(alice, id, bob);
    expect(await visible(alice, [bob, carol])).toEqual([carol]);
    expect(await visible(bob, [alice, carol])).toEqual([]);
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [id]);
    expect(await visible(alice, [carol])).toEqual([]);
  });

  it('is not who blocks the viewer, in groups neither; the other way round it is', async () => {
    const [alice, bob] = (await newcomers('alice', 'bob')) as [UserId, UserId];
    await scene.conversation([alice, bob]);
    await block(alice, bob);
    expect(await visible(bob, [alice])).toEqual([]);
    expect(await visible(bob, [alice], true)).toEqual([]);
    expect(await visible(alice, [bob])).toEqual([bob]);
    await block(alice, bob, false);
    expect(await visible(bob, [alice])).toEqual([alice]);
  });

  it('comes with what the profiles tell, and with which conversations are the own', async () => {
    const [alice, bob] = (await newcomers('alice', 'bob')) as [UserId, UserId];
    const { id } = await scene.conversation([alice, bob]);
    const { id: other } = await scene.conversation([bob]);
    await messaging.rpc.call(SaveLastSeen, { seen: [[bob, '2026-01-20T10:00:00.123Z']] });
    const { peers, conversationIds } = await describeAll(alice, [bob], { conversationIds: [id, other] });
    expect(peers).toEqual([{ userId: bob, lastSeen: '2026-01-20T10:00:00.123Z', statusText: null }]);
    expect(conversationIds).toEqual([id]);
  });
});

describe('the list of peers', () => {
  it('names everybody once, by id, and goes on where it ended', async () => {
    const [alice, ...others] = (await newcomers('alice', 'b', 'c', 'd', 'e')) as [UserId, ...UserId[]];
    await scene.conversation([alice, ...others]);
    await scene.conversation([alice, ...others.slice(2)]);
    const seen: UserId[] = [];
    for (let hasMore = true; hasMore;) {
      const after = seen.at(-1);
      const page = await messaging.rpc.call(ListPeers, { viewerId: alice, limit: 2, ...(after ? { after } : {}) });
      seen.push(...page.users.map(({ id }) => id));
      hasMore = page.hasMore;
    }
    expect(seen).toEqual(others.toSorted());
  });

  it('leaves out who blocks the viewer', async () => {
    const [alice, bob] = (await newcomers('alice', 'bob')) as [UserId, UserId];
    await scene.conversation([alice, bob]);
    await block(bob, alice);
    expect((await messaging.rpc.call(ListPeers, { viewerId: alice, limit: 10 })).users).toEqual([]);
  });
});

describe('the participants of a conversation', () => {
  const list = (viewerId: UserId, conversationId: ConversationId, after?: UserId) =>
    messaging.rpc.call(ListVisibleParticipants, {
      viewerId,
      conversationId,
      limit: 2,
      ...(after ? { after } : {}),
    });

  it('are told to its participants, with where it stands', async () => {
    const [alice, bob, carol] = (await newcomers('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
    const { id, rev } = await scene.conversation([alice, bob, carol]);
    const first = await list(alice, id);
    expect(first).toMatchObject({ hasMore: true, head: { seq: 0, rev } });
    expect(first.users.map((user) => user.id)).toEqual([alice, bob]);
    const second = await list(alice, id, bob);
    expect(second.users.map((user) => user.id)).toEqual([carol]);
    expect((await list(alice, id, carol)).users).toEqual([]);
  });

  it('are told to nobody else', async () => {
    const [alice, mallory] = (await newcomers('alice', 'mallory')) as [UserId, UserId];
    const { id } = await scene.conversation([alice]);
    await expect(list(mallory, id)).rejects.toMatchObject({ code: 'not_a_participant' });
    await expect(list(mallory, ConversationId.parse('999999'))).rejects.toMatchObject({
      code: 'conversation_not_found',
    });
  });
});

describe('audiences', () => {
  it('are those of small conversations; large ones and those that are gone have none', async () => {
    const [alice, bob] = (await newcomers('alice', 'bob')) as [UserId, UserId];
    const { id: small } = await scene.conversation([alice, bob]);
    const { id: large } = await scene.conversation([alice, bob]);
    await database.query('UPDATE conversations SET participant_count = 101 WHERE id = $1', [large]);
    const gone = ConversationId.parse('999999');
    await block(bob, alice);
    const answer = await messaging.rpc.call(ListAudiences, {
      conversationIds: [small, large, gone],
      userIds: [alice, bob],
    });
    const participants = new Map(answer.participants.map(([id, users]) => [id, users.toSorted()]));
    expect(participants).toEqual(
      new Map<ConversationId, UserId[]>([
        [small, [alice, bob]],
        [large, []],
        [gone, []],
      ]),
    );
    expect(answer.blockers).toEqual([
      [alice, [bob]],
      [bob, []],
    ]);
  });
});

describe('who may speak', () => {
  const check = (userId: UserId, conversationId: ConversationId) =>
    messaging.rpc.call(CheckVoice, { userId, conversationId });

  it('is a participant who is not silenced', async () => {
    const [alice, bob, mallory] = (await newcomers('alice', 'bob', 'mallory')) as [UserId, UserId, UserId];
    const { id } = await scene.conversation([alice, bob]);
    await expect(check(bob, id)).resolves.toEqual({});
    await expect(check(mallory, id)).rejects.toMatchObject({ code: 'not_a_participant' });
    await expect(check(bob, ConversationId.parse('999999'))).rejects.toMatchObject({ code: 'conversation_not_found' });
    await database.query('UPDATE participants SET is_muted = true WHERE conversation_id = $1 AND user_id = $2', [
      id,
      bob,
    ]);
    await expect(check(bob, id)).rejects.toMatchObject({ code: 'participant_muted' });
    await remove(alice, id, bob);
    await expect(check(bob, id)).rejects.toMatchObject({ code: 'not_a_participant' });
  });

  it('is nobody whom the other one of a direct conversation blocks, and only moderators where only they post', async () => {
    const [alice, bob] = (await newcomers('alice', 'bob')) as [UserId, UserId];
    const { id } = await scene.conversation([alice, bob], 'direct');
    await block(alice, bob);
    await expect(check(bob, id)).rejects.toMatchObject({ code: 'user_blocked' });
    const { id: channel } = await scene.conversation([alice, bob], 'channel');
    await database.query(`UPDATE conversations SET posting = 'moderators' WHERE id = $1`, [channel]);
    await expect(check(bob, channel)).rejects.toMatchObject({ code: 'posting_restricted' });
    await expect(check(alice, channel)).resolves.toEqual({});
  });
});

describe('when users were last seen', () => {
  const lastSeen = async (id: UserId) =>
    (await database.query<{ last_seen: string | null }>('SELECT last_seen FROM users WHERE id = $1', [id]))[0]
      ?.last_seen;
  const save = (...seen: [UserId, string][]) => messaging.rpc.call(SaveLastSeen, { seen });

  it('only gets later, in whatever order it comes', async () => {
    const [alice, bob] = (await newcomers('alice', 'bob')) as [UserId, UserId];
    await save(
      [alice, '2026-01-20T10:00:02.000Z'],
      [alice, '2026-01-20T10:00:01.000Z'],
      ['nobody' as UserId, '2026-01-20T10:00:00.000Z'],
    );
    expect(await lastSeen(alice)).toBe('2026-01-20T10:00:02.000Z');
    await save([alice, '2026-01-20T10:00:00.000Z'], [bob, '2026-01-20T10:00:00.000Z']);
    expect(await lastSeen(alice)).toBe('2026-01-20T10:00:02.000Z');
    expect(await lastSeen(bob)).toBe('2026-01-20T10:00:00.000Z');
  });

  it('is written by several at once', async () => {
    const many = await newcomers(...Array.from({ length: 30 }, (_, n) => `many${n}`));
    const at = (second: number) => `2026-01-20T10:00:0${second}.000Z`;
    await Promise.all(
      [1, 2, 3, 4, 5].map((second) =>
        save(...(second % 2 ? many : many.toReversed()).map((id): [UserId, string] => [id, at(second)])),
      ),
    );
    expect(new Set(await Promise.all(many.map(lastSeen)))).toEqual(new Set([at(5)]));
  });
});
