import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import type { PresenceConfig } from '@parley/config';
import {
  ConversationId,
  type PresenceStatus,
  type ReportPresence,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { RequestActivity } from '../../presence/request.activity';
import { PresenceReporter } from './presence.reporter';

Logger.overrideLogger(false);

type Report = RequestOf<typeof ReportPresence>;

const conversationId = ConversationId.parse('1');
const [alice, bob, carol, dave] = (['alice', 'bob', 'carol', 'dave'] as const).map((id) => UserId.parse(id)) as [
  UserId,
  UserId,
  UserId,
  UserId,
];

class FakePresence extends RpcClient {
  readonly reports: Report[] = [];
  failures = 0;
  /** What was chosen, where that is known. */
  readonly chosen = new Map<UserId, PresenceStatus>();

  override async call<R extends Rpc>(_rpc: R, request: RequestOf<R>): Promise<ResponseOf<R>> {
    if (this.failures-- > 0) throw new AppError('service_unavailable');
    const report = request as Report;
    this.reports.push(report);
    const others = report.present.flatMap(([userId, said]) => {
      const chosen = this.chosen.get(userId) ?? null;
      return chosen === said ? [] : [[userId, chosen]];
    });
    return { chosen: others } as ResponseOf<R>;
  }

  async until(isEnough: (report: Report) => boolean): Promise<Report> {
    for (;;) {
      const found = this.reports.find(isEnough);
      if (found) return found;
      await delay(5);
    }
  }
}

describe('PresenceReporter', () => {
  let presence: FakePresence;
  let activity: RequestActivity;
  let reporter: PresenceReporter;

  beforeEach(() => {
    presence = new FakePresence();
    activity = new RequestActivity();
    reporter = new PresenceReporter(presence, activity, { refreshMs: 50 } as PresenceConfig);
  });
  afterEach(() => reporter.beforeApplicationShutdown());

  it('says at once who came, and nothing of further sockets', async () => {
    reporter.came(alice);
    reporter.came(alice);
    await reporter.said();
    expect(presence.reports).toEqual([expect.objectContaining({ present: [[alice, null]], gone: [] })]);
    reporter.came(alice);
    await reporter.said();
    expect(presence.reports).toHaveLength(1);
  });

  it('says that a user is gone with the last socket, and nothing of one that was replaced meanwhile', async () => {
    reporter.came(alice);
    reporter.came(bob);
    await reporter.said();
    reporter.went(alice);
    reporter.went(bob);
    reporter.came(bob);
    await reporter.said();
    expect(presence.reports.at(-1)).toMatchObject({ present: [[bob, null]], gone: [alice] });
  });

  it('says all again and again, with what was chosen and who made requests', async () => {
    reporter.came(alice);
    reporter.looked(conversationId, alice);
    reporter.learn({ userId: alice, status: 'busy', chosen: 'busy' });
    presence.chosen.set(alice, 'busy');
    jest.spyOn(activity, 'take').mockReturnValue([alice, bob]);
    reporter.onApplicationBootstrap();
    const report = await presence.until(({ active }) => active.length > 0);
    expect(report).toMatchObject({
      present: [[alice, 'busy']],
      viewing: [[conversationId, alice]],
      active: [bob],
    });
  });

  it('says what it could not say as soon as it can, as it is then', async () => {
    presence.failures = 1;
    reporter.came(alice);
    reporter.came(bob);
    await reporter.said();
    reporter.went(alice);
    const report = await presence.until(({ gone }) => gone.length > 0);
    expect(report).toMatchObject({ present: [[bob, null]], gone: [alice] });
  });

  it('contradicts at once who says that somebody is offline who is here', async () => {
    reporter.came(alice);
    await reporter.said();
    reporter.learn({ userId: alice, status: 'busy', chosen: 'busy' });
    reporter.learn({ userId: alice, status: 'offline', chosen: null });
    await reporter.said();
    expect(presence.reports.at(-1)).toMatchObject({ present: [[alice, 'busy']] });
  });

  it('says nothing of what those look at who are hidden', async () => {
    reporter.came(alice);
    reporter.looked(conversationId, alice);
    await reporter.said();
    reporter.learn({ userId: alice, status: 'offline', chosen: 'offline' });
    await presence.until(({ left }) => left.length > 0);
    reporter.learn({ userId: alice, status: 'online', chosen: 'online' });
    await presence.until((report) => report !== presence.reports[0] && report.viewing.length > 0);
    expect(presence.reports.flatMap(({ gone }) => gone)).toEqual([]);
  });

  it('knows how those are seen who came, from the answer to the report of all of them', async () => {
    presence.chosen.set(bob, 'busy').set(carol, 'offline').set(dave, 'away');
    for (const userId of [alice, bob, carol, dave]) reporter.came(userId);
    const seen = await Promise.all([alice, bob, carol, dave].map((userId) => reporter.statusOf(userId)));
    expect(seen).toEqual(['online', 'busy', 'offline', 'away']);
    reporter.learn({ userId: bob, status: 'away', chosen: 'away' });
    reporter.came(bob);
    await expect(reporter.statusOf(bob)).resolves.toBe('away');
    expect(presence.reports).toHaveLength(1);
  });

  it('takes those who came for online while nobody tells, and keeps them waiting for that once', async () => {
    presence.failures = Infinity;
    reporter.came(alice);
    await expect(reporter.statusOf(alice)).resolves.toBe('online');
    reporter.came(bob);
    const seen = reporter.statusOf(bob);
    await expect(Promise.race([seen, new Promise((resolve) => setImmediate(resolve, 'late'))])).resolves.toBe('online');
    presence.failures = 0;
    presence.chosen.set(alice, 'busy');
    await presence.until(({ present }) => present.length === 2);
    await reporter.said();
    await expect(reporter.statusOf(alice)).resolves.toBe('busy');
  });

  it('says nothing of what those look at who were hidden before they came', async () => {
    presence.chosen.set(alice, 'offline');
    reporter.came(alice);
    await reporter.said();
    reporter.looked(conversationId, alice);
    reporter.came(bob);
    await presence.until(({ present }) => present.some(([userId]) => userId === bob));
    expect(presence.reports.flatMap(({ viewing }) => viewing)).toEqual([]);
    reporter.onApplicationBootstrap();
    await presence.until(({ present }) => present.some(([userId, chosen]) => userId === alice && chosen === 'offline'));
  });

  it('says of thousands in parts that the bus can carry, one after another', async () => {
    for (let n = 0; n < 1_200; n++) reporter.came(UserId.parse(`user-${n}`));
    await reporter.said();
    expect(presence.reports.map(({ present }) => present.length)).toEqual([500, 500, 200]);
  });

  it('says at the end of the process that nobody is here', async () => {
    reporter.came(alice);
    await reporter.said();
    reporter.went(alice);
    await reporter.beforeApplicationShutdown();
    expect(presence.reports.at(-1)).toMatchObject({ present: [], gone: [alice] });
  });
});
