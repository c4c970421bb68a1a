import { AppError, toProblem } from '@parley/errors';
import { Readiness } from '@parley/observability';
import { Logger } from '@nestjs/common';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import { randomUUID } from 'node:crypto';
import { CloseCode } from '@parley/contracts';
import { ChatSocket as ChatSocketGateway } from '../inbound/chat-socket.decorator';
import { discardFrames, holdFrames, releaseFrames } from '../inbound/frame.router';
import { FeedRegistry } from '../outbound/feed/feed.registry';
import { conversationOfRoom } from '../rooms';
import { closeCodeOf } from '../transport/connection/close.code';
import { closeSocket } from '../transport/connection/close.socket';
import type { ChatServer, ChatSocket } from '../session/chat.socket';
import { SessionAdmission } from './session.admission';
import { SessionOpener } from './session.opener';
import { SessionRegistry } from '../session/session.registry';
import { SocketServer } from '../session/socket.server';

/** How often is told that sessions cannot be opened, in milliseconds. */
const tellEveryMs = 1_000;

/** The life of a socket: its token is verified before it is connected, its session is opened after, its rooms are given back at the end. */
@ChatSocketGateway()
export class SessionGateway
  implements OnGatewayInit<ChatServer>, OnGatewayConnection<ChatSocket>, OnGatewayDisconnect<ChatSocket>
{
  private readonly log = new Logger(SessionGateway.name);
  /** One for all sockets, called on the socket that leaves. */
  private readonly leaving = onSocket((socket) => this.leaveConversations(socket));
  private failures = 0;
  private tellsFrom = 0;

  constructor(
    private readonly admission: SessionAdmission,
    private readonly sockets: SocketServer,
    private readonly sessions: SessionRegistry,
    private readonly opener: SessionOpener,
    private readonly feeds: FeedRegistry,
    private readonly readiness: Readiness,
  ) {}

  afterInit(server: ChatServer): void {
    this.sockets.bind(server);
    server.use((socket, next) => {
      // A refusal would tell a Socket.IO client to give up; a lost connection tells it to try again, elsewhere.
      if (!this.readiness.isReady) return void socket.conn.close();
      this.admission.admit(socket).then(
        () => (this.readiness.isReady ? next() : socket.conn.close()),
        (error: unknown) => next(refusal(error)),
      );
    });
  }

  handleConnection(socket: ChatSocket): void {
    const local = this.sessions.add(socket);
    socket.on('disconnecting', this.leaving);
    // The session is the first that a client hears, before any answer.
    holdFrames(socket);
    this.admission
      .open(socket, () => this.opener.open(local))
      .then(
        () => releaseFrames(socket),
        (error: unknown) => this.giveUp(socket, AppError.from(error)),
      );
  }

  handleDisconnect(socket: ChatSocket): void {
    this.sessions.remove(socket);
  }

  private giveUp(socket: ChatSocket, error: AppError): void {
    discardFrames(socket);
    if (!socket.connected) return;
    // Banned, or the token revoked, after the handshake was judged.
    if (error.kind === 'forbidden' || error.kind === 'unauthenticated') {
      return closeSocket(socket, closeCodeOf(error), error.code);
    }
    this.tell(error);
    closeSocket(socket, CloseCode.notOpened, 'session_not_opened');
  }

  /** Not each time: while a service is away all who come meet the same. */
  private tell(error: AppError): void {
    this.failures++;
    const now = performance.now();
    if (now < this.tellsFrom) return;
    this.log.warn(`could not open ${this.failures} session(s), the last: ${String(error)}`);
    this.failures = 0;
    this.tellsFrom = now + tellEveryMs;
  }

  private leaveConversations(socket: ChatSocket): void {
    for (const room of socket.rooms) {
      const id = conversationOfRoom(room);
      const feed = id && this.feeds.get(id);
      if (feed) this.feeds.release(feed);
    }
  }
}

function onSocket(listen: (socket: ChatSocket) => void): (this: ChatSocket) => void {
  return function (this: ChatSocket) {
    listen(this);
  };
}

/** What Socket.IO tells the client as `connect_error`: the problem is in `data`. */
function refusal(thrown: unknown): Error {
  const error = AppError.from(thrown);
  return Object.assign(new Error(error.message), { data: toProblem(error, randomUUID()) });
}
