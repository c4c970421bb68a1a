import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { AppError } from '@parley/errors';
import { FrameAnswer } from './frame.answer';

/** Answers a frame whose handler, guard or validation threw. */
@Catch()
export class FrameErrorFilter implements ExceptionFilter {
  private readonly log = new Logger(FrameErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = AppError.from(thrown);
    const answer = host.getArgByIndex<unknown>(2);
    if (!(answer instanceof FrameAnswer)) throw thrown;
    if (error.kind === 'internal') this.log.error(error.cause ?? error, `request ${answer.requestId}`);
    answer.fail(error);
  }
}
