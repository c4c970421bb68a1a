import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CheckVoice, ListVisibleParticipants, TypingBody } from '@parley/contracts';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId } from '../../client.ids';
import { PresenceReader } from '../../presence/presence.reader';
import { TypingService } from '../../presence/typing.service';
import { bodyErrors, Route } from '../route/route.decorator';
import { done, DoneView } from '../route/done.view';
import { OnlineUsers } from './presence.controller';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

@RestController('api/conversations/:id', 'Presence')
export class ActivityController {
  constructor(
    private readonly reader: PresenceReader,
    private readonly typing: TypingService,
  ) {}

  @Post('typing')
  @HttpCode(200)
  @Route({
    summary: 'Tell that the caller types, or no longer',
    description: 'Ends by itself after five seconds, and with a message.',
    answers: { 200: DoneView },
    errors: [...bodyErrors, ...CheckVoice.errors],
  })
  async type(
    @CurrentUser() session: UserSession,
    @Param('id') id: string,
    @Body({ schema: TypingBody }) { is_typing: isTyping }: TypingBody,
    @RequestId() requestId: string,
  ): Promise<DoneView> {
    await this.typing.set(session, toConversationId(id), isTyping, { requestId });
    return done;
  }

  @Get('online-users')
  @Route({
    summary: 'List who of a conversation is online',
    description: 'The caller too, by user id; at most 500.',
    answers: { 200: OnlineUsers },
    errors: ListVisibleParticipants.errors,
  })
  async online(
    @CurrentUser() { userId: viewerId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<OnlineUsers> {
    const { users } = await this.reader.listOnlineParticipants({ viewerId, requestId }, toConversationId(id));
    return { users };
  }
}
