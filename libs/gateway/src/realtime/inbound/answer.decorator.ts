import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FrameAnswer } from './frame.answer';

const answerOf = (context: ExecutionContext): FrameAnswer => context.getArgByIndex<FrameAnswer>(2);

/** Parameter of a frame's handler: what names the frame in logs and in the calls that it causes. */
export const RequestId = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  return answerOf(context).requestId;
});

/** Parameter of a frame's handler: did the client ask for an answer? */
export const IsAwaited = createParamDecorator((_: unknown, context: ExecutionContext): boolean => {
  return answerOf(context).isAwaited;
});
