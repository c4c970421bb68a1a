import type { ClientHeads, MessageView, ServerEvent, ServerFrame } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import type { ReceivedFrame } from './frame.log';

/** The server's answer to one frame. */
export type Ack<Data = unknown> =
  { readonly ok: true; readonly data: Data } | { readonly ok: false; readonly error: Problem };

/** How a connection ended, or why there was none. */
export interface Closure {
  /** The WebSocket close code, where a close frame or the lack of one (1006) was seen. */
  readonly code: number | undefined;
  readonly reason: string;
  /** What a Socket.IO client is told when its handshake is refused. */
  readonly problem?: Problem | undefined;
}

/** Why there is no session or no answer: the connection is closed. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';

  constructor(readonly closure: Closure) {
    super(`the connection is closed: ${closure.code ?? 'no code'} ${closure.reason}`);
  }
}

/** A frame was answered with an error. */
export class FrameRefused extends Error {
  override readonly name = 'FrameRefused';

  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

export interface ConnectOptions {
  /** What the client has seen before, given in the handshake. */
  readonly heads?: ClientHeads | undefined;
  /** Where the token travels; by default as the transport's browsers do it. */
  readonly tokenIn?: 'auth' | 'query' | 'header' | 'path';
  /** More headers of the handshake. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a send may carry. */
export interface SendBody {
  readonly content: string;
  readonly client_message_id?: string;
  readonly [field: string]: unknown;
}

/** One device: a socket of one user. Never reconnects by itself. */
export interface ChatClient {
  readonly transport: Transport;
  /** All that the server said by itself, in order. */
  readonly frames: readonly ReceivedFrame[];
  /** The first frame. Rejects with ConnectionClosed where the server refuses. */
  readonly session: Promise<ServerFrame<'session'>>;
  /** Resolves when the connection has ended, by whomever. */
  readonly closed: Promise<Closure>;
  /** Sends a frame without asking for an answer. */
  emit(event: string, payload?: unknown): void;
  /** @throws ConnectionClosed where the connection ends before the answer, Error after 20 seconds without one. */
  emitWithAck<Data>(event: string, payload?: unknown): Promise<Ack<Data>>;
  /** Sends a message. @throws FrameRefused with the problem, ConnectionClosed where the outcome is unknown. */
  send(conversationId: string, body: SendBody): Promise<MessageView>;
  /** Sends text as one WebSocket frame, whatever it is. */
  sendRaw(frame: string | Buffer): void;
  /** The first frame of that event that matches and was not given out before, present or to come within 20 seconds. */
  nextEvent<E extends ServerEvent>(event: E, matches?: (payload: ServerFrame<E>) => boolean): Promise<ServerFrame<E>>;
  /** Hears every frame from now on. @returns how to stop. */
  listen(listener: (frame: ReceivedFrame) => void): () => void;
  /** Takes leave as a client does. */
  close(): void;
  /** Cuts the TCP connection without a word. */
  drop(): void;
}

export type Transport = 'socket.io' | 'plain';

/** Opens a socket of that transport at a gateway's http:// URL; without a token it brings none. */
export type Connect = (url: string, token: string | undefined, options?: ConnectOptions) => ChatClient;
