import type { UserId } from '@parley/contracts';
import { directKey, otherOfDirect, planConversation, refuseBlocked } from './conversation.policy';

const [alice, bob, carol] = ['alice', 'bob', 'carol'] as [UserId, UserId, UserId];

describe('a direct conversation', () => {
  it.each([[[bob]], [[bob, alice]], [[bob, bob, alice]]])(
    'is between the creator and the one other of %j',
    (participant_ids) => {
      const plan = planConversation(alice, { type: 'direct', participant_ids });
      expect(plan.participants).toEqual([
        { userId: alice, role: 'participant' },
        { userId: bob, role: 'participant' },
      ]);
    },
  );

  it.each([[[]], [[alice]], [[bob, carol]]])('refuses %j, which is not exactly one other', (participant_ids) => {
    expect(() => planConversation(alice, { type: 'direct', participant_ids })).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        issues: [expect.objectContaining({ path: 'participant_ids' })],
      }),
    );
  });

  it('is called as its creator says, and is nobody else’s', () => {
    const plan = planConversation(alice, {
      type: 'direct',
      participant_ids: [bob],
      title: 'Us',
      visibility: 'public',
      posting: 'moderators',
    });
    expect(plan).toMatchObject({ title: 'Us', visibility: 'private', posting: 'everyone' });
  });

  it('is one for both orders, and another for every other pair', () => {
    expect(directKey(alice, bob)).toBe(directKey(bob, alice));
    const pairs = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['1:a', 'b'],
      ['a', ':b'],
      ['', 'abc'],
    ] as [UserId, UserId][];
    expect(new Set(pairs.map(([one, other]) => directKey(one, other))).size).toBe(pairs.length);
  });
});

describe('a group', () => {
  it('is led by its creator, who takes part once', () => {
    const plan = planConversation(alice, { type: 'group', participant_ids: [bob, alice, carol, bob] });
    expect(plan.participants).toEqual([
      { userId: alice, role: 'admin' },
      { userId: bob, role: 'participant' },
      { userId: carol, role: 'participant' },
    ]);
    expect(plan.directKey).toBeNull();
  });

  it('is private and open to everybody in it, unless the creator wants otherwise', () => {
    const plan = (wish: object) => planConversation(alice, { type: 'channel', participant_ids: [], ...wish });
    expect(plan({})).toMatchObject({ visibility: 'private', posting: 'everyone', title: null, metadata: {} });
    expect(plan({ visibility: 'public', posting: 'moderators' })).toMatchObject({
      visibility: 'public',
      posting: 'moderators',
    });
  });
});

it('is with the other one only where it is direct', () => {
  const plan = (type: 'direct' | 'group') => planConversation(bob, { type, participant_ids: [alice] });
  expect(otherOfDirect(plan('direct'))).toBe(alice);
  expect(otherOfDirect(plan('group'))).toBeUndefined();
});

it('is not opened by one whom the other blocks', () => {
  expect(() => refuseBlocked(true)).toThrow(expect.objectContaining({ code: 'user_blocked' }));
  expect(() => refuseBlocked(false)).not.toThrow();
});
