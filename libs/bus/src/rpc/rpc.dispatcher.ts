import { Logger } from '@nestjs/common';
import type { Rpc } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { z } from 'zod';
import { type AnswerEnvelope, failure, refusedAsLate } from './rpc.envelope';
import type { RpcContext } from './rpc.handler';

/** A method that answers calls. */
export type RpcMethod = (request: unknown, context: RpcContext) => unknown;

/** Runs one handler behind the deadline, the request's shape and the service's edge for errors, on any transport. */
export class RpcDispatcher {
  private readonly logger = new Logger(RpcDispatcher.name);
  private readonly isOfKind: ((request: unknown) => boolean) | undefined;

  /** @param isStrict whether the requests of a trusted contract are checked as all others are. */
  constructor(
    readonly rpc: Rpc,
    private readonly method: RpcMethod,
    isStrict: boolean,
  ) {
    this.isOfKind = isStrict ? undefined : rpc.kinds?.request;
  }

  /**
   * Runs the handler: what goes wrong is an answer too.
   *
   * @param respond is called once, at once where the handler returns no promise; must not throw. A function and no promise
   *   for the answer: each of those costs as much as the rest of this.
   */
  run(request: unknown, context: RpcContext, respond: (answer: AnswerEnvelope) => void): void {
    if (!(Date.now() < context.deadlineAt)) {
      respond(refusedAsLate());
      return;
    }
    const refuse = (thrown: unknown): void => respond(failure(this.caught(thrown, context)));
    let result: unknown;
    try {
      result = this.method(this.isOfKind?.(request) ? request : this.parse(request), context);
    } catch (thrown) {
      refuse(thrown);
      return;
    }
    if (isPromise(result)) result.then((d) => respond({ ok: true, d }), refuse);
    else respond({ ok: true, d: result });
  }

  /** @throws AppError `validation_failed`. */
  private parse(request: unknown): unknown {
    const parsed = this.rpc.request.safeParse(request);
    if (parsed.success) return parsed.data;
    throw validationFailed(parsed.error);
  }

  private caught(thrown: unknown, { requestId }: RpcContext): AppError {
    const error = AppError.from(thrown);
    if (error.kind !== 'internal') return error;
    this.logger.error({ msg: 'A handler broke', subject: this.rpc.subject, requestId, err: error.cause ?? error });
    // What broke is the service's business: the caller learns no more than that something did.
    return new AppError('internal_error');
  }
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

function validationFailed(error: z.ZodError): AppError {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return new AppError('validation_failed', { issues, cause: error });
}
