import { EventBus, type EventSubscription, type ReceivedEvent } from '@parley/bus';
import {
  type ChatSubject,
  ConversationJoined,
  HeadsMoved,
  parseChatSubject,
  type PayloadOf,
  ScheduledFailed,
  subjectOf,
  UserAccessChanged,
} from '@parley/contracts';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SessionAccess } from '../session/session.access';
import { SessionRegistry } from '../session/session.registry';
import { DisruptionRepair } from './disruption.repair';
import { toChange } from './feed/change';
import { FeedRegistry } from './feed/feed.registry';
import { MembershipFanout } from './membership/membership.fanout';

/**
 * Hears every durable event of the whole deployment, drops by subject what no socket of this gateway needs, before
 * anything is parsed, and hands the rest to the feeds and memberships.
 */
@Injectable()
export class ChatFanout implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ChatFanout.name);
  private readonly subscriptions: EventSubscription[] = [];
  /** What was taken apart last: each subject is asked for twice in a row, first whether it is wanted, then what it is. */
  private last: { readonly subject: string; readonly parts: ChatSubject | undefined } = {
    subject: '',
    parts: undefined,
  };

  constructor(
    private readonly events: EventBus,
    private readonly feeds: FeedRegistry,
    private readonly sessions: SessionRegistry,
    private readonly memberships: MembershipFanout,
    private readonly access: SessionAccess,
    private readonly repair: DisruptionRepair,
  ) {}

  /** Does not wait for the broker: the process serves its health, and what it can, without. */
  onApplicationBootstrap(): void {
    this.events.onDisruption((reason) => this.repair.begin(reason));
    this.listen().catch((err: unknown) => this.log.error({ msg: 'Events cannot be heard', err }));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
  }

  private async listen(): Promise<void> {
    this.subscriptions.push(
      await this.events.subscribe('chat.>', {
        accepts: (subject) => this.isWanted(subject),
        receive: (event) => this.receive(event),
      }),
      await this.events.subscribe(subjectOf(HeadsMoved), {
        accepts: () => true,
        receive: (event) => {
          for (const [id, , rev] of event.parse(HeadsMoved).heads) this.feeds.get(id)?.expect(rev);
        },
      }),
    );
    // Sockets may have come before the events did.
    this.repair.begin('subscribing');
  }

  /** Runs for every event of the deployment: no parsing, no allocation but the parts of the subject. */
  private isWanted(subject: string): boolean {
    const parsed = this.parse(subject);
    if (parsed?.scope === 'conversation') return this.feeds.get(parsed.id) !== undefined;
    if (parsed?.name === UserAccessChanged.name) return this.access.concerns(parsed.id);
    return parsed !== undefined && this.sessions.hasUser(parsed.id);
  }

  private receive(event: ReceivedEvent): void {
    const subject = this.parse(event.subject);
    if (subject?.scope === 'conversation') {
      const change = toChange(subject.name, event);
      if (change) this.feeds.get(subject.id)?.receive(change);
    } else if (subject?.name === ConversationJoined.name) {
      this.memberships.joined(event.parse(ConversationJoined));
    } else if (subject?.name === UserAccessChanged.name) {
      this.access.changed(event.parse(UserAccessChanged).userId);
    } else if (subject?.name === ScheduledFailed.name) {
      this.tellOfFailure(event.parse(ScheduledFailed));
    }
  }

  private parse(subject: string): ChatSubject | undefined {
    if (subject !== this.last.subject) this.last = { subject, parts: parseChatSubject(subject) };
    return this.last.parts;
  }

  private tellOfFailure({ userId, conversationId, scheduled, code, reason }: PayloadOf<typeof ScheduledFailed>): void {
    const frame = { conversation_id: conversationId, scheduled_id: scheduled.id, scheduled, code, message: reason };
    for (const { socket } of this.sessions.of(userId)) socket.emit('scheduled_failed', frame);
  }
}
