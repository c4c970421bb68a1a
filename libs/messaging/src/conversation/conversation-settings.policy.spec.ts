import type { ConversationType, ParticipantRole, UpdateConversationBody } from '@parley/contracts';
import { aParticipantState } from '../participant/participant-state.builder';
import { changeSettings, type ConversationSettings, judgeUpdate } from './conversation-settings.policy';

const present: ConversationSettings = {
  title: 'Study',
  description: null,
  avatarUrl: 'https://example.com/a.png',
  visibility: 'private',
  posting: 'everyone',
  metadata: { colour: 'red', tags: ['a', 'b'] },
};

describe('who may change settings', () => {
  const judging = (type: ConversationType, role: ParticipantRole, wish: UpdateConversationBody) => () =>
    judgeUpdate(type, aParticipantState({ role }), present, wish);
  const settings: UpdateConversationBody[] = [
    { title: 'Other' },
    { title: 'Study' },
    { title: '' },
    { title: null },
    { description: 'New' },
    { avatar_url: null },
    { visibility: 'public' },
    { posting: 'moderators' },
    { metadata: {} },
    { title: 'Other', is_archived: true },
  ];

  it.each(settings)('%j: admins and moderators of groups and channels', (wish) => {
    const refusal = expect.objectContaining({ code: 'insufficient_role' });
    for (const type of ['group', 'channel'] as const) {
      expect(judging(type, 'admin', wish)).not.toThrow();
      expect(judging(type, 'moderator', wish)).not.toThrow();
      expect(judging(type, 'participant', wish)).toThrow(refusal);
    }
  });

  it.each(settings)('%j: nobody in a direct conversation', (wish) => {
    expect(judging('direct', 'participant', wish)).toThrow(expect.objectContaining({ code: 'not_for_direct' }));
  });

  it.each<UpdateConversationBody>([
    {},
    { is_archived: true },
    { is_archived: false, title: undefined, metadata: null },
    { description: null },
    { is_archived: true, description: null, visibility: null, posting: null },
  ])('%j: anybody, for it changes nothing for others', (wish) => {
    expect(judging('group', 'participant', wish)).not.toThrow();
    expect(judging('direct', 'participant', wish)).not.toThrow();
  });
});

describe('what settings become', () => {
  it.each<[UpdateConversationBody, Partial<ConversationSettings>]>([
    [{ title: 'Other' }, { title: 'Other' }],
    [{ title: '' }, { title: '' }],
    [{ title: null }, { title: null }],
    [
      { description: 'New', posting: 'moderators' },
      { description: 'New', posting: 'moderators' },
    ],
    [{ avatar_url: null }, { avatarUrl: null }],
    [{ visibility: 'public' }, { visibility: 'public' }],
    [{ metadata: { size: 1 } }, { metadata: { size: 1 } }],
    [{ metadata: {} }, { metadata: {} }],
  ])('%j', (wish, expected) => {
    expect(changeSettings(present, wish)).toEqual({ ...present, ...expected });
  });

  it.each<UpdateConversationBody>([
    {},
    { title: 'Study' },
    { description: null },
    { visibility: 'private', posting: 'everyone', avatar_url: 'https://example.com/a.png' },
    { metadata: { tags: ['a', 'b'], colour: 'red' } },
    { visibility: null, posting: null, metadata: null },
    { is_archived: true },
  ])('%j makes no difference', (wish) => {
    expect(changeSettings(present, wish)).toBeUndefined();
  });
});
