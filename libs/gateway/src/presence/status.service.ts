import { RpcClient } from '@parley/bus';
import {
  ChooseStatus,
  type KnownPresence,
  type PresenceStatus,
  type PresenceView,
  type SetStatusBody,
  UpdateProfile,
} from '@parley/contracts';
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
    const said = body.status ? this.choose(session, body.status, requestId) : undefined;
    const view = await this.reader.describeSelf({ viewerId: userId, requestId }, said);
    await this.setTyping(session, body, view.status, requestId);
    // What was just said may still be on its way back.
    return { ...view, ...typingViewOf(body) };
  }

  private async setText(session: UserSession, text: string | null, requestId: string): Promise<void> {
    const changes = { status_text: text };
    const { user } = await this.rpc.call(UpdateProfile, { userId: session.userId, changes }, { requestId });
    this.users.changed(session, user);
  }

  private async choose({ userId }: UserSession, status: PresenceStatus, requestId: string): Promise<KnownPresence> {
    return { userId, ...(await this.rpc.call(ChooseStatus, { userId, status }, { requestId })) };
  }

  private async setTyping(
    session: UserSession,
    { is_typing: isTyping, typing_in_conversation: where }: SetStatusBody,
    status: PresenceStatus,
    requestId: string,
  ): Promise<void> {
    if (isTyping === undefined || isTyping === null) return;
    if (where === undefined || where === null) return this.typing.stopAll(session);
    await this.typing.set(session, toConversationId(where), isTyping, { requestId, status });
  }
}

function typingViewOf({ is_typing: isTyping, typing_in_conversation: where }: SetStatusBody): Partial<PresenceView> {
  if (isTyping === undefined || isTyping === null) return {};
  const conversationId = isTyping && where ? toConversationId(where) : null;
  return { is_typing: conversationId !== null, typing_in_conversation: conversationId };
}
