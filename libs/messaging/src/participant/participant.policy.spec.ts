import type { ParticipantRole } from '@parley/contracts';
import {
  demandAdmin,
  demandGroup,
  demandModerator,
  demandParticipant,
  demandPublic,
  demandRank,
  demandTarget,
  demandVoice,
} from './participant.policy';
import type { ParticipantState } from './participant.state';
import { aParticipantState } from './participant-state.builder';

/** The code with which something is refused; undefined where it is not. */
function refusalOf(demand: () => unknown): unknown {
  try {
    demand();
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

it.each<[string, ParticipantState | undefined, string | undefined, string | undefined]>([
  ['a participant', aParticipantState(), undefined, undefined],
  ['one who left', aParticipantState({ isPresent: false }), 'not_a_participant', 'participant_not_found'],
  ['one who never was there', undefined, 'not_a_participant', 'participant_not_found'],
])('%s who asks, and whom something is done to', (_who, participant, asking, target) => {
  expect(refusalOf(() => demandParticipant(participant))).toBe(asking);
  expect(refusalOf(() => demandTarget(participant))).toBe(target);
});

it.each<[Partial<ParticipantState>, string | undefined]>([
  [{}, undefined],
  [{ isMuted: true }, 'participant_muted'],
  [{ isBlocked: true }, 'user_blocked'],
  [{ isMuted: true, role: 'admin' }, 'participant_muted'],
])('has a voice: %j', (fields, code) => {
  expect(refusalOf(() => demandVoice(aParticipantState(fields)))).toBe(code);
});

it.each<[ParticipantRole, { readonly moderates: boolean; readonly administers: boolean }]>([
  ['admin', { moderates: true, administers: true }],
  ['moderator', { moderates: true, administers: false }],
  ['participant', { moderates: false, administers: false }],
])('what %s may', (role, { moderates, administers }) => {
  expect(refusalOf(() => demandModerator(aParticipantState({ role })))).toBe(
    moderates ? undefined : 'insufficient_role',
  );
  expect(refusalOf(() => demandAdmin(aParticipantState({ role })))).toBe(administers ? undefined : 'insufficient_role');
});

it.each<[ParticipantRole, ParticipantRole, boolean]>([
  ['admin', 'admin', true],
  ['admin', 'moderator', true],
  ['admin', 'participant', true],
  ['moderator', 'admin', false],
  ['moderator', 'moderator', true],
  ['moderator', 'participant', true],
  ['participant', 'admin', false],
  ['participant', 'moderator', false],
  ['participant', 'participant', true],
])('%s over %s: %s', (mine, role, isAllowed) => {
  expect(refusalOf(() => demandRank(aParticipantState({ role: mine }), role))).toBe(
    isAllowed ? undefined : 'insufficient_role',
  );
});

it.each([
  ['direct', 'private', 'not_for_direct', 'not_a_participant'],
  ['group', 'private', undefined, 'not_a_participant'],
  ['group', 'public', undefined, undefined],
  ['channel', 'public', undefined, undefined],
] as const)('a %s, %s one: has ranks, and lets in', (type, visibility, ranked, entered) => {
  expect(refusalOf(() => demandGroup(type))).toBe(ranked);
  expect(refusalOf(() => demandPublic(type, visibility))).toBe(entered);
});
