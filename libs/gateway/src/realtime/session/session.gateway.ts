import { ClientHeads } from '@parley/contracts';
import { AppError, toProblem } from '@parley/errors';
import { Readiness } from '@parley/observability';
import { Logger } from '@nestjs/common';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import { randomUUID } from 'node:crypto';
import { tokenOfHandshake } from '../../auth/handshake.token';
import { TokenVerifier } from '../../auth/token.verifier';
import { ChatSocket as ChatSocketGateway } from '../inbound/chat-socket.decorator';
import { FeedRegistry } from '../outbound/feed.registry';
import { conversationOfRoom } from '../rooms';
import { closeSocket } from '../transport/close.socket';
import type { ChatServer, ChatSocket } from './chat.socket';
import { SessionOpener } from './session.opener';
import { type LocalSession, SessionRegistry } from './session.registry';
import { SocketServer } from './socket.server';

/** Close code that asks the client to connect again: the session could not be opened this time. */
const tryAgain = 4001;

/** The life of a socket: its token is verified before it is connected, its session is opened after, its rooms are given back at the end. */
@ChatSocketGateway()
export class SessionGateway
  implements OnGatewayInit<ChatServer>, OnGatewayConnection<ChatSocket>, OnGatewayDisconnect<ChatSocket>
{
  private readonly log = new Logger(SessionGateway.name);
  private readonly locals = new WeakMap<ChatSocket, LocalSession>();

  constructor(
    private readonly tokens: TokenVerifier,
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
      this.authenticate(socket).then(
        () => next(),
        (error: unknown) => next(refusal(error)),
      );
    });
  }

  handleConnection(socket: ChatSocket): void {
    const local = this.sessions.add(socket);
    this.locals.set(socket, local);
    socket.on('disconnecting', () => this.leaveConversations(socket));
    this.opener.open(local).catch((error: unknown) => {
      this.log.warn(`could not open a session: ${String(error)}`);
      closeSocket(socket, tryAgain, 'session_not_opened');
    });
  }

  handleDisconnect(socket: ChatSocket): void {
    const local = this.locals.get(socket);
    if (local) this.sessions.remove(local);
  }

  private async authenticate(socket: ChatSocket): Promise<void> {
    const { auth, headers, url } = socket.handshake;
    socket.data.session = await this.tokens.verify(tokenOfHandshake({ auth, headers, url }));
    if (auth['heads'] === undefined || auth['heads'] === null) return;
    const heads = ClientHeads.safeParse(auth['heads']);
    if (!heads.success) {
      throw new AppError('validation_failed', {
        issues: [{ path: 'heads', message: 'must be heads by conversation id' }],
      });
    }
    socket.data.heads = heads.data;
  }

  private leaveConversations(socket: ChatSocket): void {
    for (const room of socket.rooms) {
      const id = conversationOfRoom(room);
      const feed = id && this.feeds.get(id);
      if (feed) this.feeds.release(feed);
    }
  }
}

/** What Socket.IO tells the client as `connect_error`: the problem is in `data`. */
function refusal(thrown: unknown): Error {
  const error = AppError.from(thrown);
  return Object.assign(new Error(error.message), { data: toProblem(error, randomUUID()) });
}
