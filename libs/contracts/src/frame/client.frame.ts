import type { ErrorCode } from '@parley/errors';
import type { z } from 'zod';

/** Something that clients say: what it holds, how it is answered, what can go wrong. */
export interface ClientFrame<Frame extends z.ZodType = z.ZodType, Ack extends z.ZodType = z.ZodType> {
  /** What it is for, in one line. */
  readonly summary: string;
  readonly frame: Frame;
  /** The `data` of an ack. */
  readonly ack: Ack;
  /** The codes that are this frame's own; those that every frame can be answered with are not repeated. */
  readonly errors: readonly ErrorCode[];
}

export function defineClientFrame<Frame extends z.ZodType, Ack extends z.ZodType>(
  frame: ClientFrame<Frame, Ack>,
): ClientFrame<Frame, Ack> {
  return Object.freeze(frame);
}
