import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { UserSession } from '../../auth/user.session';
import type { ChatSocket } from '../session/chat.socket';

/** Parameter of a frame's handler: who says it, a `UserSession`. */
export const Session = createParamDecorator((_: unknown, context: ExecutionContext): UserSession => {
  return context.switchToWs().getClient<ChatSocket>().data.session;
});
