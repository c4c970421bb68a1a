import { type ConversationId, type SyncView, UserId } from '@parley/contracts';
import { aConversation } from '@parley/testing';
import type { ChatSocket } from './chat.socket';
import { type LocalSession, SessionRegistry } from './session.registry';
import type { Missed, SyncReader } from './sync.reader';
import { SyncTeller } from './sync.teller';

const [named, fresh, other] = ['1', '2', '3'] as [ConversationId, ConversationId, ConversationId];
const heads = { [named]: 4 };

describe('SyncTeller', () => {
  let local: LocalSession;
  let told: string[];
  let reads: number;
  /** What happens while the answer of a number is read. */
  let meanwhile: (read: number) => void;
  let teller: SyncTeller;

  beforeEach(() => {
    told = [];
    reads = 0;
    meanwhile = () => undefined;
    const socket = {
      data: { session: { userId: UserId.parse('bob') } },
      emit: (event: string, { conversation_ids: ids }: { conversation_ids: string[] }) =>
        void told.push(`${event} ${ids.join(' ')}`),
    };
    local = new SessionRegistry().add(socket as unknown as ChatSocket);
    const read = (): Promise<Missed> => {
      meanwhile(++reads);
      const sync: SyncView = {
        epoch: `read ${reads}`,
        conversations: {},
        new_conversations: [{ ...aConversation({ id: fresh }) } as SyncView['new_conversations'][number]],
        gone: [],
        has_more: false,
      };
      return Promise.resolve({ sync, heads: {} });
    };
    teller = new SyncTeller({ read } as unknown as SyncReader);
  });

  const tell = (prepare?: () => Promise<unknown>) =>
    teller.tell(local, { heads, ...(prepare ? { prepare } : {}) }, ({ sync }) => void told.push(sync.epoch));

  it('tells what was read', async () => {
    await tell();
    expect(told).toEqual(['read 1']);
  });

  it.each([
    ['taken out of a conversation that the client named', () => local.leave(named)],
    ['taken out of one that the answer tells of', () => local.leave(fresh)],
    ['brought into one that the client named', () => local.join(named)],
  ])('reads anew where the user was %s meanwhile', async (_, move) => {
    meanwhile = (read) => read < 3 && move();
    await tell();
    expect(told).toEqual(['read 3']);
  });

  it('reads anew also where that happens between reading and telling', async () => {
    const moves = [() => local.leave(named)];
    await tell(() => Promise.resolve(moves.pop()?.()));
    expect(told).toEqual(['read 2']);
  });

  it.each([
    ['taken out of one that neither names', () => local.leave(other)],
    ['brought into one that it did not name: of that it hears by itself', () => local.join(fresh)],
  ])('does not where the user was %s', async (_, move) => {
    meanwhile = move;
    await tell();
    expect(told).toEqual(['read 1']);
  });

  it('does not for what happened before', async () => {
    local.leave(named);
    await tell();
    expect(told).toEqual(['read 1']);
  });

  it('asks the client to load what overtakes the answer again and again', async () => {
    meanwhile = () => local.leave(named);
    await tell();
    expect(told).toEqual(['read 5', `resync ${named}`]);
  });

  it('passes on that nobody answers, and watches no more', async () => {
    meanwhile = () => {
      throw new Error('away');
    };
    await expect(tell()).rejects.toThrow('away');
    expect(local).toMatchObject({ watches: [] });
  });
});
