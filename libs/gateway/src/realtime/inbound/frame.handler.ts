import type { LimitType } from '@parley/config';
import type { z } from 'zod';
import type { UserSession } from '../../auth/user.session';
import { rateLimitKey } from '../../limits/rate-limited.decorator';
import type { ChatSocket } from '../session/chat.socket';
import { parseFrame } from './frame.parser';

/** What a handler learns beside the frame. */
export interface FrameContext {
  readonly socket: ChatSocket;
  /** Who says it. */
  readonly session: UserSession;
  /** Names the frame in logs, in the calls that it causes, and in the problem that the client sees. */
  readonly requestId: string;
  /** Did the client ask for an answer? */
  readonly isAwaited: boolean;
}

/** Answers the frames of one event. */
export interface FrameHandler {
  /** What the event counts as, for each user; undefined where it counts to nothing. */
  readonly limit: LimitType | undefined;
  /**
   * @param payload as the client gave it.
   * @returns what the ack tells, or a promise of it.
   * @throws AppError, or rejects with it: why it was not done.
   */
  handle(payload: unknown, context: FrameContext): unknown;
}

interface FrameMethod {
  readonly event: string;
  readonly schema: z.ZodType;
  readonly name: string;
}

const methods = new WeakMap<object, FrameMethod[]>();

/**
 * Makes a method of a `@ChatSocket()` class answer an event of clients: `(frame, context) => ack`. The frame is parsed once,
 * before the method runs; one that does not fit is answered with `validation_failed`. With `@RateLimited` it is counted before.
 */
export function OnFrame<Schema extends z.ZodType>(event: string, schema: Schema) {
  return <M extends (frame: z.infer<Schema>, context: FrameContext) => unknown>(
    prototype: object,
    name: string,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    methods.set(prototype, [...(methods.get(prototype) ?? []), { event, schema, name }]);
  };
}

/** The handlers that an instance's class names, by their events. */
export function handlersOf(instance: object): Map<string, FrameHandler> {
  const named = methods.get(Object.getPrototypeOf(instance) as object) ?? [];
  return new Map(named.map((method) => [method.event, toHandler(instance, method)]));
}

function toHandler(instance: object, { schema, name }: FrameMethod): FrameHandler {
  const method = (instance as Record<string, (frame: unknown, context: FrameContext) => unknown>)[name];
  if (method === undefined) throw new TypeError(`There is no method ${name}`);
  return {
    limit: Reflect.getMetadata(rateLimitKey, method) as LimitType | undefined,
    handle: (payload, context) => method.call(instance, parseFrame(schema, payload), context),
  };
}
