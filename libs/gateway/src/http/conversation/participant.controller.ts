import { Body, Delete, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { RpcClient } from '@parley/bus';
import {
  AddParticipants,
  AddParticipantsBody,
  ListParticipants,
  NotificationChoice,
  ParticipantView,
  RemoveParticipant,
  UpdateParticipant,
  UpdateParticipantBody,
} from '@parley/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CurrentUser } from '../../auth/current-user.decorator';
import type { UserSession } from '../../auth/user.session';
import { toConversationId, toParticipantId } from '../../client.ids';
import { PresenceFiller } from '../../presence/presence.filler';
import { bodyErrors, Route } from '../route/route.decorator';
import { done, DoneView } from '../route/done.view';
import { AcceptsForm } from '../route/accepts-form.decorator';
import { listOf, PageQuery, toPage } from '../route/page.query';
import { wholePage } from '../route/whole.page';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const ParticipantList = listOf('participants', ParticipantView).meta({ id: 'ParticipantList' });
type ParticipantList = z.infer<typeof ParticipantList>;

const AddedParticipants = z.union([ParticipantView, z.object({ participants: z.array(ParticipantView) })]).meta({
  id: 'AddedParticipants',
  description: 'The participant for `user_id`, the list for `user_ids`.',
});
type AddedParticipants = z.infer<typeof AddedParticipants>;

/** `notifications` is there where the participant is the caller. */
const UpdatedParticipant = ParticipantView.extend({ notifications: NotificationChoice.optional() }).meta({
  id: 'UpdatedParticipant',
});
type UpdatedParticipant = z.infer<typeof UpdatedParticipant>;

@RestController('api/conversations/:id', 'Participants')
export class ParticipantController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly presence: PresenceFiller,
  ) {}

  @Get('participants')
  @Route({
    summary: 'List the participants of a conversation',
    answers: { 200: ParticipantList },
    errors: ListParticipants.errors,
  })
  async list(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
    @RequestId() requestId: string,
  ): Promise<ParticipantList> {
    const list = { userId, conversationId: toConversationId(id) };
    const answer = await wholePage(query, 'participants', (part) =>
      this.rpc.call(ListParticipants, { ...list, ...part }, { requestId }),
    );
    const participants = await this.presence.participants({ userId }, answer.participants, requestId);
    return { participants, ...toPage(query, answer) };
  }

  @Post('participants')
  @Route({
    summary: 'Add participants',
    description:
      'By admins and moderators. Answers 200 where nobody is new: who is in the conversation stays as it is.',
    answers: { 201: AddedParticipants, 200: AddedParticipants },
    errors: [...bodyErrors, ...AddParticipants.errors],
  })
  async add(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Body({ schema: AddParticipantsBody }) body: AddParticipantsBody,
    @RequestId() requestId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AddedParticipants> {
    const participantIds = body.user_ids ?? (body.user_id ? [body.user_id] : []);
    const role = body.role ?? 'participant';
    const request = { userId, conversationId: toConversationId(id), participantIds, role };
    const { participants: found, added } = await this.rpc.call(AddParticipants, request, { requestId });
    const participants = await this.presence.participants({ userId }, found, requestId);
    reply.status(added > 0 ? 201 : 200);
    const [participant] = participants;
    return body.user_id && participant ? participant : { participants };
  }

  @Put('participants/:user_id')
  @AcceptsForm()
  @Route({
    summary: 'Change a participant',
    description:
      'Role and mute: by admins and moderators, never over their own rank. `notifications`: by the participant alone. What ' +
      'is absent stays.',
    answers: { 200: UpdatedParticipant },
    errors: [...bodyErrors, ...UpdateParticipant.errors],
  })
  async update(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Param('user_id') participant: string,
    @Body({ schema: UpdateParticipantBody }) body: UpdateParticipantBody,
    @RequestId() requestId: string,
  ): Promise<UpdatedParticipant> {
    const request = {
      userId,
      conversationId: toConversationId(id),
      participantId: toParticipantId(participant),
      role: body.role ?? undefined,
      isMuted: body.is_muted ?? undefined,
      notifications: body.notifications ?? undefined,
    };
    const answer = await this.rpc.call(UpdateParticipant, request, { requestId });
    const [changed = answer.participant] = await this.presence.participants(
      { userId },
      [answer.participant],
      requestId,
    );
    return answer.notifications === null ? changed : { ...changed, notifications: answer.notifications };
  }

  @Delete('participants/:user_id')
  @Route({
    summary: 'Remove a participant',
    description: 'By admins and moderators; of oneself by anybody, which is the same as leaving.',
    answers: { 200: DoneView },
    errors: RemoveParticipant.errors,
  })
  async remove(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @Param('user_id') participant: string,
    @RequestId() requestId: string,
  ): Promise<DoneView> {
    const request = { userId, conversationId: toConversationId(id), participantId: toParticipantId(participant) };
    await this.rpc.call(RemoveParticipant, request, { requestId });
    return done;
  }

  @Post('leave')
  @Route({
    summary: 'Leave a conversation',
    answers: { 200: DoneView },
    errors: RemoveParticipant.errors,
  })
  async leave(
    @CurrentUser() { userId }: UserSession,
    @Param('id') id: string,
    @RequestId() requestId: string,
  ): Promise<DoneView> {
    const request = { userId, conversationId: toConversationId(id), participantId: userId };
    await this.rpc.call(RemoveParticipant, request, { requestId });
    return done;
  }
}
