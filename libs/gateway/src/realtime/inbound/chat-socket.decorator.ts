import { applyDecorators } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { Server } from 'socket.io';
import { frameTableOf } from './frame.table';

/**
 * Marks a class whose methods answer clients' frames, of either transport: `@OnFrame('<event>', schema)`.
 *
 * What a method returns becomes the frame's ack, `{ ok: true, data }`; what it throws becomes `{ ok: false, error }` with
 * the problem, or an `error` event where the client asked for no ack.
 *
 * As of any of Nest's gateways `afterInit(server)`, `handleConnection(socket)` and `handleDisconnect(socket)` are called; its
 * guards, pipes, interceptors and filters are not: they cost more than most handlers.
 */
export function ChatSocket(): ClassDecorator {
  return applyDecorators(WebSocketGateway(), answersFrames);
}

interface Initialised {
  afterInit?: (this: Initialised, server: Server) => void;
}

function answersFrames({ prototype }: { readonly prototype: Initialised }): void {
  const { afterInit } = prototype;
  prototype.afterInit = function (server) {
    frameTableOf(server).add(this);
    afterInit?.call(this, server);
  };
}
