import { applyDecorators, UseFilters } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { FrameErrorFilter } from './frame-error.filter';
import { isMakingHandlers } from './frame.router';

/**
 * Marks a class whose methods answer clients' frames, of either transport: `@SubscribeMessage('<event>')`.
 *
 * What a method returns becomes the frame's ack, `{ ok: true, data }`; what it throws becomes `{ ok: false, error }` with
 * the problem, or an `error` event where the client asked for no ack. `@Frame(schema)` is validated before.
 *
 * `handleConnection` is called once for each socket.
 */
export function ChatSocket(): ClassDecorator {
  return applyDecorators(WebSocketGateway(), UseFilters(new FrameErrorFilter()), connectsOnce);
}

interface Connecting {
  handleConnection?: (this: Connecting, socket: object) => void;
}

/** Nest tells of a socket whenever handlers are made for it, which is also when it first speaks. */
function connectsOnce({ prototype }: { readonly prototype: Connecting }): void {
  const { handleConnection } = prototype;
  if (!handleConnection) return;
  prototype.handleConnection = function (socket) {
    if (!isMakingHandlers()) handleConnection.call(this, socket);
  };
}
