import { EventBus, type EventSubscription } from '@parley/bus';
import {
  BlockChanged,
  type ConversationId,
  type MessageView,
  type ParticipantView,
  type PayloadOf,
  RawJson,
  subjectOf,
  TypingChanged,
  type UserId,
  ViewingChanged,
} from '@parley/contracts';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Typing, TypingBoard } from '../../../presence/typing.board';
import { TypingService } from '../../../presence/typing.service';
import { conversationRoom } from '../../rooms';
import { SocketServer } from '../../session/socket.server';
import { NameReader } from './name.reader';
import { PresenceEmitter } from '../presence/presence.emitter';

type Viewing = PayloadOf<typeof ViewingChanged>['changes'][number];

/** A new message as it is shown: read already, or not. */
interface NewMessage {
  readonly message: MessageView | RawJson<MessageView>;
}

/** How exactly typing ends in time, in milliseconds. */
const sweepMs = 200;

/** Shows who types in a conversation and who looks at it to its other participants' sockets on this gateway. */
@Injectable()
export class ActivityFanout implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ActivityFanout.name);
  private readonly subscriptions: EventSubscription[] = [];
  private sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly events: EventBus,
    private readonly board: TypingBoard,
    private readonly typing: TypingService,
    private readonly emitter: PresenceEmitter,
    private readonly names: NameReader,
    sockets: SocketServer,
  ) {
    board.on('started', (typing) => this.showTyping(typing, true));
    board.on('stopped', (typing) => this.showTyping(typing, false));
    sockets.onShow((id, event, frame) => {
      // A message says more than that somebody types.
      if (event === 'new_message') this.endTyping(id, (frame as NewMessage).message);
      else if (event === 'participant_removed') this.silence((frame as { user_id: UserId }).user_id, id);
      else if (event === 'participant_updated') this.judge((frame as { participant: ParticipantView }).participant, id);
    });
  }

  onApplicationBootstrap(): void {
    this.sweeper = setInterval(() => this.board.sweep(), sweepMs).unref();
    this.listen().catch((err: unknown) => this.log.error({ msg: 'Typing cannot be heard', err }));
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.sweeper);
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
  }

  private async listen(): Promise<void> {
    this.subscriptions.push(
      await this.events.subscribe(subjectOf(TypingChanged), {
        accepts: () => true,
        receive: (event) => this.board.hear(event.parse(TypingChanged)),
      }),
      await this.events.subscribe(subjectOf(BlockChanged), {
        accepts: () => true,
        receive: (event) => this.typing.doubt(event.parse(BlockChanged).blockedId),
      }),
      await this.events.subscribe(subjectOf(ViewingChanged), {
        accepts: () => true,
        receive: (event) => {
          for (const change of event.parse(ViewingChanged).changes) void this.showViewing(change);
        },
      }),
    );
  }

  private endTyping(id: ConversationId, message: NewMessage['message']): void {
    // Mostly nobody types where a message comes, and it need not be read.
    if (!this.board.hasTypists(id)) return;
    this.board.stop((message instanceof RawJson ? message.value : message).sender_id, id);
  }

  private judge({ user_id: userId, is_muted: isMuted }: ParticipantView, id: ConversationId): void {
    if (isMuted) this.silence(userId, id);
  }

  /** The user may not speak there any more. */
  private silence(userId: UserId, id: ConversationId): void {
    this.typing.doubt(userId);
    this.board.stop(userId, id);
  }

  private showTyping({ conversationId, userId, userName, status }: Typing, isTyping: boolean): void {
    const rooms = [conversationRoom(conversationId)];
    const others = { about: userId, rooms, toOwn: false };
    const frame = { conversation_id: conversationId, user_id: userId, user_name: userName };
    this.emitter.emit(others, isTyping ? 'typing_start' : 'typing_stop', frame);
    if (status === undefined) return;
    const change = { user_id: userId, status, is_typing: isTyping, conversation_id: conversationId, last_seen: null };
    this.emitter.emit(others, 'user_status_change', change);
  }

  /** Never rejects. */
  private async showViewing({ conversationId, userId, isViewing }: Viewing): Promise<void> {
    const rooms = [conversationRoom(conversationId)];
    if (!this.emitter.hasListeners(rooms)) return;
    try {
      const frame = { conversation_id: conversationId, user_id: userId, user_name: await this.names.read(userId) };
      this.emitter.emit({ about: userId, rooms, toOwn: false }, isViewing ? 'user_joined' : 'user_left', frame);
    } catch (error) {
      this.log.debug(`could not ask how a viewer is called: ${String(error)}`);
    }
  }
}
