import { Controller, type Type } from '@nestjs/common';
import { defineRpc, type RequestOf, type ResponseOf } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { z } from 'zod';
import type { BusProcess } from '../bus.suite';
import { type RpcContext, RpcHandler } from './rpc.handler';

export const Say = defineRpc({
  subject: 'testing.echo.say',
  request: z.object({ text: z.string().trim().min(1), times: z.number().optional() }),
  response: z.object({ text: z.string() }),
  errors: ['conversation_not_found', 'validation_failed'],
  timeoutMs: 5_000,
});

/** Long enough that a test which waits for it fails. */
const neverMs = 600_000;

const Ask = (subject: string) => defineRpc({ ...Say, subject: `testing.echo.${subject}` });
const Refuse = Ask('refuse');
const Break = Ask('break');
const Mistype = Ask('mistype');
const Hang = Ask('hang');
const Nobody = Ask('nobody');

/** What the handlers were called with. */
let heard: { readonly request: RequestOf<typeof Say>; readonly context: RpcContext }[] = [];

@Controller()
class EchoController {
  @RpcHandler(Say)
  async say(request: RequestOf<typeof Say>, context: RpcContext): Promise<ResponseOf<typeof Say>> {
    heard.push({ request, context });
    return Promise.resolve({ text: request.text });
  }

  @RpcHandler(Refuse)
  refuse(): never {
    const issues = [{ path: 'text', message: 'is unwelcome' }];
    throw new AppError('conversation_not_found', {
      detail: 'Gone',
      issues,
      retryAfterMs: 70,
      cause: new Error('row 12'),
    });
  }

  @RpcHandler(Break)
  break(): never {
    throw new Error('password=hunter2');
  }

  @RpcHandler(Mistype)
  mistype(): ResponseOf<typeof Mistype> {
    return { text: 7 } as unknown as ResponseOf<typeof Mistype>;
  }

  @RpcHandler(Hang)
  hang(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** What every RpcClient and BusServer must do. */
export function describeCalls(start: (controllers: Type[]) => Promise<BusProcess>): void {
  const failureOf = async (call: Promise<unknown>): Promise<AppError> => {
    const thrown = await call.then(
      () => 'an answer',
      (error: unknown) => error,
    );
    if (thrown instanceof AppError) return thrown;
    throw new Error('The call did not fail with an AppError', { cause: thrown });
  };

  describe('calls', () => {
    let bus: BusProcess;

    beforeAll(async () => {
      bus = await start([EchoController]);
    });
    beforeEach(() => {
      heard = [];
    });
    afterAll(() => bus.stop());

    it('answers with what the handler returned', async () => {
      await expect(bus.rpc.call(Say, { text: 'hello' })).resolves.toEqual({ text: 'hello' });
    });

    it('hands the handler the parsed request, the deadline and the request id', async () => {
      const before = Date.now();
      await bus.rpc.call(Say, { text: '  hello ' }, { requestId: 'r-1', timeoutMs: neverMs });
      expect(heard).toEqual([
        { request: { text: 'hello' }, context: { requestId: 'r-1', deadlineAt: expect.any(Number) as number } },
      ]);
      expect(heard[0]?.context.deadlineAt).toBeGreaterThanOrEqual(before + neverMs);
      expect(heard[0]?.context.deadlineAt).toBeLessThanOrEqual(Date.now() + neverMs);
    });

    it('gives each call a request id of its own where the caller has none', async () => {
      await bus.rpc.call(Say, { text: 'a' });
      await bus.rpc.call(Say, { text: 'b' });
      const ids = heard.map(({ context }) => context.requestId);
      expect(new Set(ids).size).toBe(2);
      expect(ids.every((id) => id.length > 0)).toBe(true);
    });

    it('refuses a request that does not fit, names what is wrong and does not run the handler', async () => {
      const error = await failureOf(bus.rpc.call(Say, { text: ' ', times: 'many' as unknown as number }));
      expect(error.code).toBe('validation_failed');
      expect(error.issues?.map(({ path }) => path).sort()).toEqual(['text', 'times']);
      expect(heard).toEqual([]);
    });

    it("carries a handler's AppError to the caller, without its cause", async () => {
      const error = await failureOf(bus.rpc.call(Refuse, { text: 'x' }));
      expect(error).toMatchObject({
        code: 'conversation_not_found',
        message: 'Gone',
        issues: [{ path: 'text', message: 'is unwelcome' }],
        retryAfterMs: 70,
      });
      expect(error.cause).toBeUndefined();
    });

    it('answers internal_error when a handler breaks, keeps the reason to the log and logs it once', async () => {
      const error = await failureOf(bus.rpc.call(Break, { text: 'x' }, { requestId: 'r-2' }));
      expect(error.code).toBe('internal_error');
      expect(JSON.stringify({ message: error.message, cause: String(error.cause) })).not.toContain('hunter2');
      const logged = bus.errors.filter((entry) => JSON.stringify(entry).includes('r-2'));
      expect(logged).toEqual([
        expect.objectContaining({ subject: Break.subject, requestId: 'r-2', err: new Error('password=hunter2') }),
      ]);
    });

    it('answers internal_error when the response does not fit the contract', async () => {
      expect((await failureOf(bus.rpc.call(Mistype, { text: 'x' }))).code).toBe('internal_error');
    });

    it('fails with service_unavailable at once when there is no handler', async () => {
      const error = await failureOf(bus.rpc.call(Nobody, { text: 'x' }, { timeoutMs: neverMs }));
      expect(error).toMatchObject({ code: 'service_unavailable', retryable: true });
    });

    it('fails with service_unavailable when the handler takes longer than the timeout', async () => {
      const error = await failureOf(bus.rpc.call(Hang, { text: 'x' }, { timeoutMs: 30 }));
      expect(error.code).toBe('service_unavailable');
    });

    it('does not start a handler after the deadline', async () => {
      const error = await failureOf(bus.rpc.call(Say, { text: 'late' }, { timeoutMs: -1_000 }));
      expect(error.code).toBe('service_unavailable');
      await bus.rpc.call(Say, { text: 'in time' });
      expect(heard.map(({ request }) => request.text)).toEqual(['in time']);
    });

    it('keeps many calls in flight apart', async () => {
      const texts = Array.from({ length: 200 }, (_, i) => `text ${i}`);
      const answers = await Promise.all(texts.map((text) => bus.rpc.call(Say, { text })));
      expect(answers.map(({ text }) => text)).toEqual(texts);
    });
  });
}
