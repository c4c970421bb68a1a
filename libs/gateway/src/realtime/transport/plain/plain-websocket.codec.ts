import type { ServerFrame } from '@parley/contracts';
import { AppError, type Problem } from '@parley/errors';
import { toTextFrame } from '../connection/text.frame';

/**
 * Between the flat JSON frames of plain WebSocket clients and Socket.IO's packets:
 *
 *     {"type":"ping","request_id":"a"}   →  2<id>["ping",{...}]       the client says something (as an object, not as text)
 *     2["new_message",{...}]             →  {"type":"new_message",...}
 *     {"ok":true,"data":{}}              →  {"type":"ack","request_id":"a","ok":true,"data":{}}
 */

/** What a client calls one of its frames: 1-64 characters or a safe integer. Kept as the JSON that it came as. */
export type RequestIdJson = string;

export type ClientFrame =
  | { readonly event: string; readonly requestId: RequestIdJson | undefined; readonly payload: object }
  /** `requestId` is there when it, at least, could be read. */
  | { readonly error: AppError; readonly requestId: RequestIdJson | undefined };

const maxRequestIdLength = 64;
const maxEventLength = 64;

/** Words that Socket.IO keeps for itself: a packet that names one ends the connection. */
const reserved = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);

/** Reads what a client's frame is about; its payload is looked at by the handler of the event. */
export function readClientFrame(text: string): ClientFrame {
  const frame = parse(text);
  if (!isObject(frame)) return malformed('A frame must be a JSON object');
  const { type, request_id: given } = frame;
  const requestId = toRequestIdJson(given);
  if (given !== undefined && given !== null && requestId === undefined) {
    return malformed(`request_id must be a string of 1 to ${maxRequestIdLength} characters or a safe integer`);
  }
  if (typeof type !== 'string' || type === '' || type.length > maxEventLength) {
    return malformed(`type must be the name of an event, of 1 to ${maxEventLength} characters`, requestId);
  }
  return reserved.has(type)
    ? { error: new AppError('unknown_event'), requestId }
    : { event: type, requestId, payload: frame };
}

/**
 * The frame of an event: one object of the server's own making, which must not have a `type` of its own. Works on the
 * text, because parsing and writing it again would cost as much as the rest of the way.
 */
export function toEventFrame(packet: string): string {
  const nameAt = packet.indexOf('[') + 1;
  const nameEndsAt = packet.indexOf('"', nameAt + 1) + 1;
  const hasPayload = packet.charAt(nameEndsAt) === ',';
  return toFlatEvent(packet.slice(nameAt + 1, nameEndsAt - 1), hasPayload ? packet.slice(nameEndsAt + 1, -1) : '{}');
}

/** The frame of an event whose payload is written already, as an object. */
export function toFlatEvent(event: string, json: string): string {
  return json === '{}' ? `{"type":"${event}"}` : `{"type":"${event}",${json.slice(1)}`;
}

/** @param json the answer, an object that is not empty. */
export function toAckFrame(requestId: RequestIdJson, json: string): string {
  return `{"type":"ack","request_id":${requestId},${json.slice(1)}`;
}

export function toErrorFrame(error: ServerFrame<'error'>): string {
  return JSON.stringify({ type: 'error', ...error });
}

/** Why a connection is refused. */
export type Refusal = Partial<Problem> & {
  /** When to come back, in seconds. */
  readonly retry_after?: number;
  /** When to come back, in milliseconds. */
  readonly reconnect_after_ms?: number;
};

/** The problem that refused a connection, as the error of a middleware carried it (`data`). */
export function readConnectError(packet: string): Refusal {
  const body = parse(packet.slice(1));
  return isObject(body) && isObject(body['data']) ? body['data'] : {};
}

/**
 * The frame of an event as bytes. Every recipient of a broadcast gets the same packet one after another, so that it is
 * enough to remember the last one: a broadcast is converted once, and its recipients share the bytes.
 */
export class EventFrames {
  private packet = '';
  private frame: Buffer = Buffer.alloc(0);

  /** @param textOf what the transport makes of a packet. */
  constructor(private readonly textOf: (packet: string) => string = toEventFrame) {}

  of(packet: string): Buffer {
    if (packet !== this.packet) {
      this.frame = toTextFrame(this.textOf(packet));
      this.packet = packet;
    }
    return this.frame;
  }
}

function malformed(detail: string, requestId?: RequestIdJson): ClientFrame {
  return { error: new AppError('malformed_request', { detail }), requestId };
}

function toRequestIdJson(value: unknown): RequestIdJson | undefined {
  const isText = typeof value === 'string' && value !== '' && value.length <= maxRequestIdLength;
  return isText || Number.isSafeInteger(value) ? JSON.stringify(value) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
