import { type ConversationId, UserId } from '@parley/contracts';
import type { ChatSocket } from './chat.socket';
import { type LocalSession, SessionRegistry } from './session.registry';

const socketOf = (userId: string) => ({ data: { session: { userId: UserId.parse(userId) } } }) as ChatSocket;
const conversation = '1' as ConversationId;

describe('what a session is told', () => {
  let local: LocalSession;
  let reads: number;

  beforeEach(() => {
    local = new SessionRegistry().add(socketOf('bob'));
    reads = 0;
  });

  it('is what was read', async () => {
    await expect(local.tell(() => Promise.resolve(++reads), String)).resolves.toBe('1');
  });

  it('is read anew where its user was taken out of a conversation meanwhile', async () => {
    const read = () => {
      if (++reads < 3) local.leave(conversation);
      return Promise.resolve(reads);
    };
    await expect(local.tell(read, String)).resolves.toBe('3');
  });

  it('is refused where that happens each time', async () => {
    const read = () => {
      local.leave(conversation);
      return Promise.resolve(++reads);
    };
    await expect(local.tell(read, String)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(reads).toBe(5);
  });

  it('is not read again for what it was taken out of before', async () => {
    local.leave(conversation);
    await local.tell(() => Promise.resolve(++reads), String);
    expect(reads).toBe(1);
  });
});

describe('SessionRegistry', () => {
  it('finds the session of a socket among those of its user', () => {
    const sessions = new SessionRegistry();
    const [first, second] = [socketOf('bob'), socketOf('bob')];
    const [local, other] = [sessions.add(first), sessions.add(second)];
    expect(sessions.find(first)).toBe(local);
    expect(sessions.find(second)).toBe(other);
    sessions.remove(first);
    expect(sessions.find(first)).toBeUndefined();
    expect(sessions.find(socketOf('carol'))).toBeUndefined();
  });
});
