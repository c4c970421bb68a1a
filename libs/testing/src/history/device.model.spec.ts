import { type ConversationChanges, MessageId, type SyncView, UserId } from '@parley/contracts';
import { aConversation } from '../builder/conversation.builder';
import { aMessage, aViewedMessage } from '../builder/message.builder';
import { DeviceModel } from './device.model';

const idOf = (seq: number) => MessageId.parse(String(100 + seq));

function sync(conversations: Record<string, Partial<ConversationChanges>>, more: Partial<SyncView> = {}): SyncView {
  const nothing = { messages: [], changed: [], participants: [], has_more: false };
  return {
    epoch: 'e',
    conversations: Object.fromEntries(
      Object.entries(conversations).map(([id, changes]) => [id, { ...nothing, last_seq: 0, rev: 0, ...changes }]),
    ),
    new_conversations: [],
    gone: [],
    has_more: false,
    ...more,
  };
}

const viewed = (seq: number, rev: number, content = `message ${seq}`) =>
  aViewedMessage({ id: idOf(seq), seq, rev, content });

/** A device that has two messages, of rev 2 and 3. */
function aModel(): DeviceModel {
  const model = new DeviceModel('bob');
  model.begin();
  model.take(sync({ 1: { messages: [viewed(1, 2), viewed(2, 3)], last_seq: 2, rev: 3 } }));
  model.release();
  return model;
}

function tell(model: DeviceModel, event: string, fields: object): boolean {
  return model.hear({ event, payload: { conversation_id: '1', ...fields } });
}

const newMessage = (model: DeviceModel, seq: number, rev: number, messageRev = rev) =>
  tell(model, 'new_message', { rev, message: aMessage({ id: idOf(seq), seq, rev: messageRev }) });

const shown = (model: DeviceModel, seq: number) => model.conversations.get('1')?.messages.get(seq);

it('takes in what comes, and says where it stands', () => {
  const model = aModel();
  newMessage(model, 3, 4);
  tell(model, 'participant_added', { rev: 5 });
  expect(model.heads).toEqual({ 1: { seq: 3, rev: 5 } });
  expect(shown(model, 3)).toMatchObject({ id: '103', rev: 4 });
});

it('shows edits, reactions and deletions', () => {
  const model = aModel();
  tell(model, 'message_edited', { rev: 4, message: aMessage({ id: idOf(1), seq: 1, rev: 4, content: 'better' }) });
  tell(model, 'reaction_added', { rev: 5, message_id: '101', user_id: 'dora', emoji: '👍' });
  tell(model, 'reaction_added', { rev: 6, message_id: '101', user_id: 'bob', emoji: '👍' });
  expect(shown(model, 1)).toMatchObject({ content: 'better', rev: 6, reactions: { '👍': ['bob', 'dora'] } });
  tell(model, 'reaction_removed', { rev: 7, message_id: '101', user_id: 'dora', emoji: '👍' });
  tell(model, 'reaction_removed', { rev: 8, message_id: '101', user_id: 'bob', emoji: '👍' });
  expect(shown(model, 1)?.reactions).toEqual({});
  tell(model, 'message_deleted', { rev: 9, message_id: '102', seq: 2 });
  expect(shown(model, 2)).toMatchObject({ content: '', isDeleted: true, rev: 9 });
});

it('is not set back by what a later state has overtaken', () => {
  const model = aModel();
  newMessage(model, 3, 4, 9);
  tell(model, 'reaction_added', { rev: 5, message_id: '103', user_id: 'dora', emoji: '👍' });
  expect(shown(model, 3)).toMatchObject({ rev: 9, reactions: {} });
});

it('applies nothing that an answer has told already', () => {
  const model = aModel();
  tell(model, 'reaction_added', { rev: 3, message_id: '102', user_id: 'dora', emoji: '👍' });
  expect(shown(model, 2)?.reactions).toEqual({});
});

it('lets what comes live wait until all that was missed is there', () => {
  const model = aModel();
  model.begin();
  newMessage(model, 4, 5);
  expect(model.heads).toEqual({ 1: { seq: 2, rev: 3 } });
  model.take(sync({ 1: { messages: [viewed(3, 4)], last_seq: 3, rev: 4 } }));
  model.release();
  expect(model.heads).toEqual({ 1: { seq: 4, rev: 5 } });
});

it('loads what it comes into, before it shows what follows', () => {
  const model = aModel();
  const entered = { conversation_id: '2', rev: 7, conversation: aConversation({ last_seq: 1, rev: 7 }) };
  expect(tell(model, 'conversation_created', entered)).toBe(true);
  expect(model.isBehind).toBe(true);
  newMessage(model, 3, 4);
  expect(model.heads).toEqual({ 1: { seq: 2, rev: 3 }, 2: { seq: 0, rev: 0 } });
  model.take(sync({ 2: { messages: [viewed(1, 2)], last_seq: 1, rev: 7 } }));
  model.release();
  expect(model.heads).toEqual({ 1: { seq: 3, rev: 4 }, 2: { seq: 1, rev: 7 } });
});

it('loads again what it is told to, and everything where history is another one', () => {
  const model = aModel();
  expect(model.hear({ event: 'resync', payload: { conversation_ids: ['1'], reason: 'test' } })).toBe(true);
  expect(model.heads).toEqual({ 1: { seq: 0, rev: 0 } });
  const other = aModel();
  expect(other.hear({ event: 'session', payload: { epoch: 'another' } })).toBe(true);
  expect(other.heads).toEqual({ 1: { seq: 0, rev: 0 } });
});

it('forgets what its user is out of', () => {
  const model = aModel();
  tell(model, 'participant_removed', { rev: 4, user_id: 'carol' });
  expect(model.conversations.size).toBe(1);
  tell(model, 'participant_removed', { rev: 5, user_id: UserId.parse('bob') });
  expect(model.conversations.size).toBe(0);
  const other = aModel();
  other.take(sync({}, { gone: ['1'] }));
  expect(other.conversations.size).toBe(0);
});

it('asks for the messages of conversations that are new to it', () => {
  const model = aModel();
  model.take(sync({}, { new_conversations: [{ ...aConversation({ last_seq: 4 }), id: '3' } as never] }));
  expect(model.isBehind).toBe(true);
  expect(model.heads).toMatchObject({ 3: { seq: 0, rev: 0 } });
});
