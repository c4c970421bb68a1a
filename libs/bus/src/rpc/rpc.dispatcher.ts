import { Logger } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import type { Rpc } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { isObservable, lastValueFrom } from 'rxjs';
import type { z } from 'zod';
import { type AnswerEnvelope, failure, refusedAsLate, type RequestEnvelope } from './rpc.envelope';
import type { RpcContext } from './rpc.handler';

/** A handler as Nest gives it, with everything that applies to it. */
export type RpcMessageHandler = MessageHandler<unknown, RpcContext, unknown>;

/** Runs one handler behind the deadline, the request's shape and the service's edge for errors, on any transport. */
export class RpcDispatcher {
  private readonly logger = new Logger(RpcDispatcher.name);

  constructor(
    private readonly rpc: Rpc,
    private readonly handler: RpcMessageHandler,
  ) {}

  /** Never rejects: what goes wrong is an answer too. */
  async answer(request: RequestEnvelope): Promise<AnswerEnvelope> {
    const { deadlineAt, requestId } = request;
    if (!(Date.now() < deadlineAt)) return refusedAsLate();
    try {
      const parsed = this.rpc.request.safeParse(request.d);
      if (!parsed.success) return failure(validationFailed(parsed.error));
      // Nest's proxy resolves to the method's own value; an observable appears only with interceptors and for errors.
      const result = await this.handler(parsed.data, { deadlineAt, requestId });
      return { ok: true, d: isObservable(result) ? await lastValueFrom(result) : result };
    } catch (thrown) {
      return failure(this.caught(thrown, requestId));
    }
  }

  private caught(thrown: unknown, requestId: string): AppError {
    const error = AppError.from(thrown);
    if (error.kind !== 'internal') return error;
    this.logger.error({ msg: 'A handler broke', subject: this.rpc.subject, requestId, err: error.cause ?? error });
    // What broke is the service's business: the caller learns no more than that something did.
    return new AppError('internal_error');
  }
}

function validationFailed(error: z.ZodError): AppError {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return new AppError('validation_failed', { issues, cause: error });
}
