import type { ClientHeads, ServerEvents } from '@parley/contracts';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { UserSession } from '../../auth/user.session';

export interface SocketData {
  /** Who the socket is; replaced when the client renews its token. */
  session: UserSession;
  /** What a reconnecting client says that it has seen; forgotten once it was answered. */
  heads?: ClientHeads | undefined;
}

/** One client's connection, over either transport. */
export type ChatSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;
export type ChatServer = Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;
