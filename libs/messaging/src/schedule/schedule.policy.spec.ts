import type { MessageId } from '@parley/contracts';
import { toRequested } from '../message/message.policy';
import { aSend } from '../messaging.scene';
import { aParticipantState } from '../participant/participant-state.builder';
import { demandSchedulable, type ScheduleStanding } from './schedule.policy';

const now = '2026-01-20T10:00:00.000Z';
const sendAt = '2026-01-20T10:00:00.001Z';
const good: ScheduleStanding = {
  now,
  posting: 'everyone',
  sender: aParticipantState(),
  hasReplyTarget: true,
  hasThreadRoot: true,
  hasUsedAttachment: false,
};
const message = toRequested(aSend({ replyToId: '1' as MessageId, threadRootId: '2' as MessageId }), sendAt);
const judge =
  (standing: Partial<ScheduleStanding>, at = sendAt) =>
  () =>
    demandSchedulable(message, at, { ...good, ...standing });

it('lets those schedule a message who may send it', () => {
  expect(judge({})).not.toThrow();
  expect(judge({ posting: 'moderators', sender: aParticipantState({ role: 'moderator' }) })).not.toThrow();
});

it.each<[string, string, Partial<ScheduleStanding>]>([
  ['a stranger', 'not_a_participant', { sender: undefined }],
  ['one who left', 'not_a_participant', { sender: aParticipantState({ isPresent: false, isMuted: true }) }],
  ['one who is muted', 'participant_muted', { sender: aParticipantState({ isMuted: true, isBlocked: true }) }],
  ['one who is blocked', 'user_blocked', { sender: aParticipantState({ isBlocked: true }), posting: 'moderators' }],
  ['all but moderators where those post', 'posting_restricted', { posting: 'moderators', hasReplyTarget: false }],
  ['a reply to nothing', 'reply_target_not_found', { hasReplyTarget: false, hasThreadRoot: false }],
  ['a reply in no thread', 'thread_root_not_found', { hasThreadRoot: false, hasUsedAttachment: true }],
  ['a file that is in a message', 'attachment_already_used', { hasUsedAttachment: true }],
])('refuses %s with %s', (_who, code, standing) => {
  expect(judge(standing)).toThrow(expect.objectContaining({ code }) as Error);
});

it.each([
  ['now', now],
  ['in the past', '2026-01-20T09:59:59.999Z'],
  ['in more than a year', '2027-01-21T10:00:00.001Z'],
  ['never', 'soon'],
])('refuses to send %s', (_when, at) => {
  const issues = [expect.objectContaining({ path: 'send_at' })];
  expect(judge({}, at)).toThrow(expect.objectContaining({ code: 'validation_failed', issues }));
});

it('sends within a year', () => {
  expect(judge({}, '2027-01-20T10:00:00.000Z')).not.toThrow();
});
