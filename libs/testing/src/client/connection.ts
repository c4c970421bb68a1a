import type { MessageView, ServerEvent, ServerFrame } from '@parley/contracts';
import { type Ack, type ChatClient, type Closure, ConnectionClosed, FrameRefused, type SendBody } from './chat.client';
import type { Transport } from './chat.client';
import { FrameLog, type ReceivedFrame } from './frame.log';

/** What both transports do alike: the log, the session, the end. */
export abstract class Connection implements ChatClient {
  abstract readonly transport: Transport;
  readonly session: Promise<ServerFrame<'session'>>;
  readonly closed: Promise<Closure>;
  private readonly log = new FrameLog();
  private resolveSession: (session: ServerFrame<'session'>) => void = () => undefined;
  private rejectSession: (error: Error) => void = () => undefined;
  private resolveClosed: (closure: Closure) => void = () => undefined;

  constructor() {
    this.session = new Promise((resolve, reject) => {
      this.resolveSession = resolve;
      this.rejectSession = reject;
    });
    // Not every test looks at the session of every socket.
    this.session.catch(() => undefined);
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
  }

  get frames(): readonly ReceivedFrame[] {
    return this.log.frames;
  }

  abstract emit(event: string, payload?: unknown): void;
  abstract emitWithAck<Data>(event: string, payload?: unknown): Promise<Ack<Data>>;
  abstract sendRaw(frame: string | Buffer): void;
  abstract close(): void;
  abstract drop(): void;

  async send(conversationId: string, body: SendBody): Promise<MessageView> {
    const payload = { conversation_id: conversationId, ...body };
    const ack = await this.emitWithAck<{ message: MessageView }>('send_message', payload);
    if (!ack.ok) throw new FrameRefused(ack.error);
    return ack.data.message;
  }

  nextEvent<E extends ServerEvent>(event: E, matches?: (payload: ServerFrame<E>) => boolean): Promise<ServerFrame<E>> {
    return this.log.next(event, matches);
  }

  listen(listener: (frame: ReceivedFrame) => void): () => void {
    return this.log.listen(listener);
  }

  protected hear(event: string, payload: unknown): void {
    if (event === 'session') this.resolveSession(payload as ServerFrame<'session'>);
    this.log.add({ event, payload });
  }

  protected end(closure: Closure): void {
    const error = new ConnectionClosed(closure);
    this.rejectSession(error);
    this.resolveClosed(closure);
    this.log.end(error.message);
  }
}
