import { DescribeConversation } from '@parley/contracts';
import { conversationId, MembershipScene } from './membership.scene';

describe('when all memberships are compared', () => {
  let scene: MembershipScene;
  beforeEach(() => {
    scene = new MembershipScene();
  });

  it('shows what a lost event would have told, and asks to load what was said before', async () => {
    scene.say(1);
    await scene.comparison.compare();
    expect(scene.socket.heard).toEqual(['conversation_created 2', 'resync conversation_joined']);
  });

  it('asks so also where the socket cannot be brought in at first', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    scene.say(1);
    scene.messaging.unheard = DescribeConversation.subject;
    await scene.comparison.compare();
    expect(scene.socket.heard).toEqual([]);
    scene.messaging.unheard = undefined;
    await jest.runOnlyPendingTimersAsync();
    await jest.runOnlyPendingTimersAsync();
    expect(scene.socket.heard).toEqual(['conversation_created 2', 'resync conversation_joined']);
    jest.useRealTimers();
  });

  it('takes out who was taken out unheard', async () => {
    await scene.admit();
    scene.messaging.isMember = false;
    await scene.comparison.compare();
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'resync conversation_left']);
    expect(scene.feeds.get(conversationId)).toBeUndefined();
  });

  it('keeps what a socket was brought into while they were asked for', async () => {
    scene.messaging.isMember = false;
    scene.messaging.onListed = () => {
      scene.messaging.isMember = true;
      return scene.admit();
    };
    await scene.comparison.compare();
    scene.hear(scene.say(1));
    expect(scene.socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('does not bring in who was taken out after they were read', async () => {
    scene.messaging.onListed = () => {
      scene.messaging.isMember = false;
      scene.messaging.removedAt = 2;
    };
    await scene.comparison.compare();
    expect(scene.socket.heard).toEqual([]);
    expect([...scene.socket.rooms]).toEqual([]);
  });

  describe('while a session opens', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
      scene.session.pending = [];
    });
    afterEach(() => jest.useRealTimers());

    it('looks at it again once it is open', async () => {
      await scene.comparison.compare();
      await jest.advanceTimersByTimeAsync(1_000);
      expect(scene.socket.heard).toEqual([]);
      scene.session.open();
      await jest.advanceTimersByTimeAsync(1_000);
      expect(scene.socket.heard).toEqual(['conversation_created 1']);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('tries again where nobody answers', async () => {
      await scene.comparison.compare();
      scene.session.open();
      scene.messaging.failures = 1;
      await jest.advanceTimersByTimeAsync(2_000);
      expect(scene.socket.heard).toEqual(['conversation_created 1']);
    });

    it('forgets it where its user has gone', async () => {
      await scene.comparison.compare();
      scene.sessions.remove(scene.session.socket);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
