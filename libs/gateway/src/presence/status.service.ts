import { RpcClient } from '@parley/bus';
import {
  ChooseStatus,
  type PresenceStatus,
  type PresenceView,
  type SetStatusBody,
  UpdateProfile,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { UserDirectory } from '../auth/user.directory';
import type { UserSession } from '../auth/user.session';
import { toConversationId } from '../client.ids';
import { PresenceReader } from './presence.reader';
import { TypingService } from './typing.service';

/** What users say of themselves. */
@Injectable()
export class StatusService {
  constructor(
    private readonly rpc: RpcClient,
    private readonly users: UserDirectory,
    private readonly reader: PresenceReader,
    private readonly typing: TypingService,
  ) {}

  /**
   * Sets what the body names, and leaves the rest.
   *
   * @returns how the user is now, to itself.
   * @throws AppError `service_unavailable` where presence is away, and what typing in that conversation is refused with.
   */
  async set(session: UserSession, body: SetStatusBody, requestId: string): Promise<PresenceView> {
    const { userId } = session;
    if (body.status_text !== undefined) await this.setText(session, body.status_text, requestId);
    const status = body.status ? await this.choose(session, body.status, requestId) : undefined;
    await this.setTyping(session, body, status, requestId);
    const view = (await this.reader.describe({ viewerId: userId, requestId }, [userId], true)).get(userId);
    if (view === undefined) throw new AppError('user_not_found');
    const typingIn =
      body.is_typing && body.typing_in_conversation ? toConversationId(body.typing_in_conversation) : null;
    // What was just said may still be on its way back.
    const typing = body.is_typing === undefined || body.is_typing === null ? {} : typingViewOf(typingIn);
    return { ...view, ...(status ? { status } : {}), ...typing };
  }

  private async setText(session: UserSession, text: string | null, requestId: string): Promise<void> {
    const changes = { status_text: text };
    const { user } = await this.rpc.call(UpdateProfile, { userId: session.userId, changes }, { requestId });
    this.users.changed(session, user);
  }

  private async choose({ userId }: UserSession, status: PresenceStatus, requestId: string): Promise<PresenceStatus> {
    return (await this.rpc.call(ChooseStatus, { userId, status }, { requestId })).status;
  }

  private async setTyping(
    session: UserSession,
    { is_typing: isTyping, typing_in_conversation: where }: SetStatusBody,
    chosen: PresenceStatus | undefined,
    requestId: string,
  ): Promise<void> {
    if (isTyping === undefined || isTyping === null) return;
    if (where === undefined || where === null) return this.typing.stopAll(session);
    const status = chosen ?? (await this.statusOf(session, requestId));
    await this.typing.set(session, toConversationId(where), isTyping, { requestId, status });
  }

  private async statusOf({ userId }: UserSession, requestId: string): Promise<PresenceStatus> {
    const own = await this.reader.describe({ viewerId: userId, requestId }, [userId], true);
    return own.get(userId)?.status ?? 'offline';
  }
}

function typingViewOf(conversationId: PresenceView['typing_in_conversation']) {
  return { is_typing: conversationId !== null, typing_in_conversation: conversationId };
}
