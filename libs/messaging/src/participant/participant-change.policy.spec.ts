import type { ConversationType, ParticipantRole, UserId } from '@parley/contracts';
import {
  changeStanding,
  isAdminGone,
  isAdminLost,
  judgeAddition,
  judgeRemoval,
  judgeWish,
  type ParticipantWish,
  refuseUnknownUsers,
  roleOnEntry,
} from './participant-change.policy';
import type { ParticipantState } from './participant.state';
import { aParticipantState } from './participant-state.builder';

const [alice, bob] = ['alice', 'bob'] as [UserId, UserId];
const someone = (role: ParticipantRole, fields: Partial<ParticipantState> = {}) =>
  aParticipantState({ role, ...fields });
const other = (role: ParticipantRole, isMuted = false) => someone(role, { userId: bob, isMuted });

function refusalOf(judge: () => unknown): unknown {
  try {
    judge();
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

it.each<[ConversationType, ParticipantRole, ParticipantRole, string | undefined]>([
  ['group', 'admin', 'admin', undefined],
  ['channel', 'admin', 'participant', undefined],
  ['group', 'moderator', 'moderator', undefined],
  ['group', 'moderator', 'admin', 'insufficient_role'],
  ['group', 'participant', 'participant', 'insufficient_role'],
  ['direct', 'participant', 'participant', 'not_for_direct'],
])('adding to a %s, as %s, a new %s: %s', (type, mine, role, code) => {
  expect(refusalOf(() => judgeAddition(type, someone(mine), role))).toBe(code);
});

it.each<[ConversationType, ParticipantRole, Omit<ParticipantWish, 'participantId'>, UserId, string | undefined]>([
  ['group', 'participant', { notifications: 'none' }, alice, undefined],
  ['direct', 'participant', { notifications: 'mentions' }, alice, undefined],
  ['group', 'admin', { notifications: 'none' }, bob, 'insufficient_role'],
  ['group', 'admin', { role: 'moderator', notifications: 'none' }, bob, 'insufficient_role'],
  ['group', 'participant', { notifications: 'none', role: 'participant' }, alice, 'insufficient_role'],
  ['group', 'participant', { isMuted: true }, bob, 'insufficient_role'],
  ['group', 'participant', { role: 'participant' }, bob, 'insufficient_role'],
  ['group', 'moderator', { isMuted: true }, bob, undefined],
  ['group', 'admin', { role: 'admin' }, bob, undefined],
  ['direct', 'participant', { isMuted: true }, bob, 'not_for_direct'],
  ['direct', 'participant', { role: 'participant' }, alice, 'not_for_direct'],
  ['group', 'participant', {}, bob, undefined],
])('in a %s, %s wishes %j of %s: %s', (type, mine, wish, participantId, code) => {
  expect(refusalOf(() => judgeWish(type, someone(mine), { participantId, ...wish }))).toBe(code);
});

describe('a standing', () => {
  it.each<[ParticipantRole, ParticipantState, Omit<ParticipantWish, 'participantId'>]>([
    ['moderator', other('admin'), { isMuted: true }],
    ['moderator', other('admin'), { role: 'admin' }],
    ['moderator', other('participant'), { role: 'admin' }],
    ['moderator', someone('moderator'), { role: 'admin' }],
    ['moderator', other('admin'), { isMuted: false }],
  ])('of a %s is not enough: %j, %j', (mine, target, wish) => {
    const judging = () => changeStanding(someone(mine), target, { participantId: target.userId, ...wish });
    expect(refusalOf(judging)).toBe('insufficient_role');
  });

  it.each<[ParticipantRole, ParticipantState, Omit<ParticipantWish, 'participantId'>, object | undefined]>([
    ['admin', other('admin'), { role: 'participant' }, { role: 'participant', isMuted: false }],
    ['admin', other('participant'), { role: 'admin' }, { role: 'admin', isMuted: false }],
    ['moderator', other('moderator'), { isMuted: true }, { role: 'moderator', isMuted: true }],
    ['moderator', other('participant', true), { isMuted: false }, { role: 'participant', isMuted: false }],
    ['moderator', someone('moderator'), { role: 'participant' }, { role: 'participant', isMuted: false }],
    ['admin', other('moderator', true), { role: 'participant' }, { role: 'participant', isMuted: true }],
    ['admin', other('moderator'), { role: 'moderator', isMuted: false }, undefined],
    ['admin', other('admin'), {}, undefined],
    ['participant', other('admin'), {}, undefined],
  ])('of a %s does: %j, %j', (mine, target, wish, expected) => {
    expect(changeStanding(someone(mine), target, { participantId: target.userId, ...wish })).toEqual(expected);
  });

  it('is not lifted by the muted one alone', () => {
    const muted = someone('moderator', { isMuted: true });
    const wishing = (isMuted: boolean) => () => changeStanding(muted, muted, { participantId: alice, isMuted });
    expect(refusalOf(wishing(false))).toBe('insufficient_role');
    expect(refusalOf(wishing(true))).toBeUndefined();
  });
});

it.each<[ConversationType, ParticipantRole, UserId, string | undefined]>([
  ['group', 'participant', alice, undefined],
  ['channel', 'admin', alice, undefined],
  ['group', 'participant', bob, 'insufficient_role'],
  ['group', 'moderator', bob, undefined],
  ['direct', 'participant', alice, 'not_for_direct'],
  ['direct', 'participant', bob, 'not_for_direct'],
])('taking out of a %s, as %s: %s, %s', (type, mine, participantId, code) => {
  expect(refusalOf(() => judgeRemoval(type, someone(mine), participantId))).toBe(code);
});

it('needs another admin when one steps down, or leaves others behind', () => {
  const admin = someone('admin');
  expect(isAdminLost(admin, { role: 'moderator', isMuted: false })).toBe(true);
  expect(isAdminLost(admin, { role: 'admin', isMuted: true })).toBe(false);
  expect(isAdminLost(someone('moderator'), { role: 'participant', isMuted: false })).toBe(false);
  expect(isAdminGone(admin, 2)).toBe(true);
  expect(isAdminGone(admin, 1)).toBe(false);
  expect(isAdminGone(someone('moderator'), 2)).toBe(false);
});

it('makes an admin of whoever enters where nobody is left', () => {
  expect([0, 1, 2].map(roleOnEntry)).toEqual(['admin', 'participant', 'participant']);
});

it('names users that do not exist by their places', () => {
  const asked = ['alice', 'ghost', 'bob', 'ghost'] as UserId[];
  expect(() => refuseUnknownUsers('user_ids', asked, new Set(['ghost']))).toThrow(
    expect.objectContaining({
      code: 'unknown_users',
      issues: [1, 3].map((place) => ({ path: `user_ids.${place}`, message: 'there is no user ghost' })),
    }),
  );
  expect(() => refuseUnknownUsers('user_ids', asked, new Set())).not.toThrow();
});
