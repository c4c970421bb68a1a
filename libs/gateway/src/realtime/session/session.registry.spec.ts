import { type ConversationId, UserId } from '@parley/contracts';
import type { ChatSocket } from './chat.socket';
import { SessionRegistry } from './session.registry';

const socketOf = (userId: string) => ({ data: { session: { userId: UserId.parse(userId) } } }) as ChatSocket;
const [first, second] = ['1', '2'] as [ConversationId, ConversationId];

describe('SessionRegistry', () => {
  it('finds the session of a socket among those of its user', () => {
    const sessions = new SessionRegistry();
    const [one, another] = [socketOf('bob'), socketOf('bob')];
    const [local, other] = [sessions.add(one), sessions.add(another)];
    expect(sessions.find(one)).toBe(local);
    expect(sessions.find(another)).toBe(other);
    sessions.remove(one);
    expect(sessions.find(one)).toBeUndefined();
    expect(sessions.find(socketOf('carol'))).toBeUndefined();
  });
});

describe('a session', () => {
  it('notes what it was taken out of while it opens, and no longer', () => {
    const local = new SessionRegistry().add(socketOf('bob'));
    local.leave(first);
    expect([...local.left]).toEqual([first]);
    local.open();
    local.leave(second);
    expect([...local.left]).toEqual([]);
  });

  it('notes for each who watches what it comes into and leaves from then on, until that is enough', () => {
    const local = new SessionRegistry().add(socketOf('bob'));
    const early = local.watch();
    local.join(first);
    const late = local.watch();
    local.leave(first);
    early.stop();
    local.leave(second);
    expect(early).toMatchObject({ joined: new Set([first]), left: new Set([first]) });
    expect(late).toMatchObject({ joined: new Set(), left: new Set([first, second]) });
  });
});
