import { aMessage } from '@parley/testing';
import { newMessage, removedParticipant } from '../feed/change';
import { bob, conversationId, FakeSocket, MembershipScene } from './membership.scene';

describe('MembershipFanout', () => {
  let scene: MembershipScene;
  beforeEach(() => {
    scene = new MembershipScene();
  });

  it('shows the conversation, and then what is said in it', async () => {
    await scene.admit();
    scene.hear(scene.say(1));
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('shows what is said while the socket is brought in, after the conversation', async () => {
    const admitting = scene.admit();
    scene.hear(scene.say(1));
    await admitting;
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('shows what was said before this gateway listened, though nobody tells of it again', async () => {
    scene.say(1);
    scene.say(2);
    await scene.admit();
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2', 'new_message 3']);
  });

  it('shows what was said before the feed was opened, though it was opened for another socket', async () => {
    scene.say(1);
    const opening = scene.feeds.open([conversationId], bob);
    await Promise.all([opening, scene.admit()]);
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('tries again where nobody answers, and misses nothing of the meantime', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    scene.messaging.failures = 1;
    await scene.admit();
    expect(scene.socket.heard).toEqual([]);
    scene.say(1);
    await jest.runOnlyPendingTimersAsync();
    await jest.runOnlyPendingTimersAsync();
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
    jest.useRealTimers();
  });

  it('shows a conversation once, however often it is told', async () => {
    await Promise.all([scene.admit(), scene.admit()]);
    await scene.admit();
    scene.hear(scene.say(1));
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('shows a second device what the first one has heard already', async () => {
    await scene.admit();
    scene.hear(scene.say(1));
    const first = scene.socket;
    scene.socket = new FakeSocket();
    await scene.admit();
    expect(scene.socket.heard).toEqual(first.heard);
  });

  it('shows nothing to somebody who was taken out before he was brought in, but that it is not his', async () => {
    scene.messaging.removedAt = 2;
    await scene.admit();
    expect(scene.socket.heard).toEqual(['resync conversation_left']);
    expect([...scene.socket.rooms]).toEqual([]);
    expect(scene.feeds.get(conversationId)).toBeUndefined();
  });

  it('says so also where the conversation is gone before', async () => {
    scene.messaging.isGone = true;
    await scene.admit();
    expect(scene.socket.heard).toEqual(['resync conversation_left']);
  });

  it('shows nothing younger than a removal that lies past what was repaired', async () => {
    scene.say(1);
    const opening = scene.feeds.open([conversationId], bob);
    await opening;
    scene.say(2);
    scene.messaging.removedLater = 9;
    await scene.admit();
    expect(scene.socket.heard).toEqual(['resync conversation_left']);
    expect([...scene.socket.rooms]).toEqual([]);
  });

  it('ends with the removal, which is heard', async () => {
    await scene.admit();
    scene.feeds.get(conversationId)?.receive(removedParticipant(conversationId, 2, bob));
    scene.feeds.get(conversationId)?.receive(newMessage(conversationId, { seq: 1, rev: 3 }, aMessage({ seq: 1 })));
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'participant_removed 2']);
    expect(scene.feeds.get(conversationId)).toBeUndefined();
  });

  it('finds a removal that nobody told of, and shows nothing younger', async () => {
    await scene.admit();
    scene.messaging.removedAt = 2;
    const third = aMessage({ seq: 1, rev: 3, conversation_id: conversationId });
    scene.messaging.messages.push(third);
    const feed = scene.feeds.get(conversationId);
    feed?.receive(newMessage(conversationId, { seq: third.seq, rev: 3 }, third));
    await feed?.reached(3);
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'participant_removed 2']);
  });
});
