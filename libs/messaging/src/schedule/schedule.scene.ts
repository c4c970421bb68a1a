import {
  CancelScheduled,
  type ConversationId,
  ListScheduled,
  type PayloadOf,
  type RequestOf,
  ScheduledFailed,
  type ScheduledMessageView,
  ScheduleMessage,
  subjectOf,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { FakeMedia } from '../media.fake';
import { aSend, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
import { RecordingEventBus } from '../recording-event-bus.fake';
import { ScheduleSweeper } from './schedule.sweeper';

export type ScheduleRequest = RequestOf<typeof ScheduleMessage>;

/** Two processes that sweep when they are told to, and a conversation of Bob's and Alice's that Alice schedules messages to. */
export class ScheduleScene extends Scene {
  readonly alice = 'alice' as UserId;
  readonly bob = 'bob' as UserId;
  /** The conversation of the test. */
  id = '0' as ConversationId;

  private constructor(
    readonly database: TestDatabase,
    readonly bus: RecordingEventBus,
    /** With a service for files. */
    readonly here: MessagingProcess,
    /** Without. */
    readonly there: MessagingProcess,
  ) {
    super(here);
  }

  static async start(): Promise<ScheduleScene> {
    const env = { SCHEDULE_INTERVAL_MS: '3600000' };
    const database = await testDatabase();
    const bus = new RecordingEventBus();
    const here = await startMessaging(database.url, bus, { env, controllers: [FakeMedia] });
    const there = await startMessaging(database.url, bus, { env });
    const scene = new ScheduleScene(database, bus, here, there);
    await scene.users('alice', 'bob');
    return scene;
  }

  async close(): Promise<void> {
    await Promise.all([this.here.close(), this.there.close()]);
    await this.database.drop();
  }

  async newConversation(): Promise<void> {
    this.id = (await this.conversation([this.bob, this.alice])).id;
  }

  /** A request, with valid defaults: in an hour. */
  request(fields: Partial<ScheduleRequest> = {}): ScheduleRequest {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    return { ...aSend({ conversationId: this.id, ...fields }), sendAt: fields.sendAt ?? sendAt };
  }

  async schedule(fields: Partial<ScheduleRequest> = {}): Promise<ScheduledMessageView> {
    return (await this.here.rpc.call(ScheduleMessage, this.request(fields))).scheduled;
  }

  list(userId = this.alice, more: Partial<RequestOf<typeof ListScheduled>> = {}) {
    return this.here.rpc.call(ListScheduled, { userId, conversationId: this.id, limit: 50, page: 1, ...more });
  }

  cancel(scheduledId: string, userId = this.alice) {
    return this.here.rpc.call(CancelScheduled, { userId, scheduledId });
  }

  /** @returns how many were settled. */
  sweep(process = this.here): Promise<number> {
    return process.get(ScheduleSweeper).sweep();
  }

  /** Lets time pass: all that waits in the conversation is due, in its order. */
  async makeDue(): Promise<void> {
    const text = `UPDATE scheduled_messages SET send_at = send_at - interval '2 hours' WHERE conversation_id = $1`;
    await this.database.query(text, [this.id]);
  }

  /** Changes what Alice may do in the conversation. */
  async changeAlice(set: string): Promise<void> {
    const text = `UPDATE participants SET ${set} WHERE conversation_id = $1 AND user_id = 'alice'`;
    await this.database.query(text, [this.id]);
  }

  /** What was sent, in its order. */
  async contents(): Promise<string[]> {
    const text = 'SELECT content FROM messages WHERE conversation_id = $1 ORDER BY seq';
    const rows = await this.database.query<{ content: string }>(text, [this.id]);
    return rows.map(({ content }) => content);
  }

  /** What Alice was told of messages that were not sent. */
  failures(): PayloadOf<typeof ScheduledFailed>[] {
    return this.bus.published
      .filter(({ subject }) => subject === subjectOf(ScheduledFailed, this.alice))
      .map(({ payload }) => payload as PayloadOf<typeof ScheduledFailed>)
      .filter(({ conversationId }) => conversationId === this.id);
  }
}
