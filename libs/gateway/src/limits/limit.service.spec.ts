import { LimitsConfig, loadConfig } from '@parley/config';
import type { UserId } from '@parley/contracts';
import { toProblem } from '@parley/errors';
import { LimitService } from './limit.service';
import { LocalRateLimiter } from './local-rate.limiter';
import { type Attempt, RateLimiter } from './rate.limiter';

const limitsOf = (env: Readonly<Record<string, string>> = {}, limiter: RateLimiter = new LocalRateLimiter()) =>
  new LimitService(loadConfig([LimitsConfig], env).limits, limiter);

const as = (role: string, userId = 'alice') => ({ userId: userId as UserId, role });

describe('limits', () => {
  it.each([
    ['admin', 50, 20],
    ['moderator', 30, 10],
    ['teacher', 20, 8],
    ['student', 10, 5],
    ['user', 10, 5],
    ['constructor', 10, 5],
    ['__proto__', 10, 5],
    ['Admin', 10, 5],
  ])(
    'let a user of the role %s send %i messages and create %i conversations',
    async (role, messages, conversations) => {
      const limits = limitsOf();
      await expect(limits.count(as(role), 'message_send')).resolves.toMatchObject({ limit: messages, windowS: 60 });
      const creation = limits.count(as(role), 'conversation_create');
      await expect(creation).resolves.toMatchObject({ limit: conversations, windowS: 300 });
    },
  );

  it.each([
    ['file_upload', 3],
    ['ws_connect', 10],
    ['api', 100],
  ] as const)('of %s are the same for all roles', async (type, limit) => {
    const limits = limitsOf();
    for (const role of ['admin', 'student']) {
      await expect(limits.count(as(role, role), type)).resolves.toMatchObject({ limit, windowS: 60, count: 1 });
    }
  });

  it('tell how it stands after each attempt', async () => {
    const limits = limitsOf({ RATE_LIMIT_MESSAGES: '2' });
    const state = async () => {
      const { remaining, count, isRefused } = (await limits.count(as('user'), 'message_send')) ?? {};
      return [remaining, count, isRefused];
    };
    expect([await state(), await state(), await state(), await state()]).toEqual([
      [1, 1, false],
      [0, 2, false],
      [0, 3, true],
      [0, 3, true],
    ]);
  });

  it('count nothing where they are off', async () => {
    class Unasked extends RateLimiter {
      override attempt(): Promise<Attempt> {
        throw new Error('nobody should ask');
      }
    }
    const limits = limitsOf({ RATE_LIMITS: 'off' }, new Unasked());
    expect(limits.areOn).toBe(false);
    await expect(limits.count(as('user'), 'api')).resolves.toBeUndefined();
    await expect(limits.demand(as('user'), 'api')).resolves.toBeUndefined();
  });

  it('refuse with all that a client needs to come back in time', async () => {
    class Full extends RateLimiter {
      override async attempt([bucket]: Parameters<RateLimiter['attempt']>[0]): Promise<Attempt> {
        if (!bucket) throw new Error('no bucket');
        return { bucket, count: bucket.limit + 1, freesInMs: 29_001 };
      }
    }
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_642_672_770_500);
    const refusal = await limitsOf({}, new Full())
      .demand(as('user'), 'message_send')
      .catch((error: unknown) => error);
    now.mockRestore();
    expect(refusal).toMatchObject({ code: 'rate_limited', status: 429, retryAfterMs: 30_000 });
    expect(toProblem(refusal as never, 'r-1')).toEqual({
      error: 'Rate limit exceeded',
      message: 'Too many message_send requests',
      rate_limit_info: {
        limit_type: 'message_send',
        current_count: 11,
        limit: 10,
        window: 60,
        reset_time: 1_642_672_800,
        remaining: 0,
      },
      retry_after: 30,
      type: 'urn:parley:error:rate_limited',
      title: 'Rate limited',
      status: 429,
      detail: 'Too many message_send requests',
      code: 'rate_limited',
      retryable: true,
      request_id: 'r-1',
    });
  });
});
