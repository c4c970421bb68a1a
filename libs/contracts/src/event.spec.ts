import { HeadsMoved } from './conversation.contract';
import { ConversationJoined } from './participant.contract';
import { parseChatSubject, subjectOf, userToken } from './event';
import { MessageCreated } from './message.contract';

describe('subjects of events', () => {
  it('name the conversation, the user or nobody', () => {
    expect(subjectOf(MessageCreated, '42')).toBe('chat.conversation.42.message_created');
    expect(subjectOf(ConversationJoined, 'alice')).toBe('chat.user.YWxpY2U.conversation_joined');
    expect(subjectOf(HeadsMoved)).toBe('live.messaging.heads_moved');
  });

  it.each(['a.b', '*', '>', 'auth0|x y', 'ünï', 'a/b+c?'])('keep the user id %j in one token of its own', (id) => {
    expect(userToken(id)).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(userToken(id), 'base64url').toString()).toBe(id);
  });

  it('can be taken apart again', () => {
    expect(parseChatSubject('chat.conversation.42.message_created')).toEqual({
      scope: 'conversation',
      id: '42',
      name: 'message_created',
    });
    expect(parseChatSubject('chat.user.YWxpY2U.conversation_joined')?.scope).toBe('user');
  });

  it.each(['live.messaging.heads_moved', 'chat.file.1.stored', 'chat.conversation.1', ''])(
    '%j is none of a chat',
    (subject) => {
      expect(parseChatSubject(subject)).toBeUndefined();
    },
  );
});
