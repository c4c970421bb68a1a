import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { SessionAccess } from '../session/session.access';
import { FeedRegistry } from './feed/feed.registry';
import { MembershipComparison } from './membership/membership.comparison';

/** How long until what could not be compared is tried again, in milliseconds. */
const retryMs = 1_000;

/**
 * After events may have been missed: where every conversation, every membership and every user's access stands is asked anew.
 *
 * One comparison goes at a time, however often the broker comes and goes: what it is asked for meanwhile is the next one.
 */
@Injectable()
export class DisruptionRepair implements OnApplicationShutdown {
  private readonly log = new Logger(DisruptionRepair.name);
  /** Why what was compared last may not hold. */
  private due: string | undefined;
  private isRunning = false;
  private isStopped = false;

  constructor(
    private readonly feeds: FeedRegistry,
    private readonly memberships: MembershipComparison,
    private readonly access: SessionAccess,
  ) {}

  /** Does not wait for it; it is tried again for as long as this process serves. @param reason for the log. */
  begin(reason: string): void {
    this.due = reason;
    if (!this.isRunning) void this.repair();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
  }

  private async repair(): Promise<void> {
    this.isRunning = true;
    while (this.due !== undefined && !this.isStopped) await this.compare(this.due);
    this.isRunning = false;
  }

  /** Never rejects. */
  private async compare(reason: string): Promise<void> {
    this.due = undefined;
    try {
      await Promise.all([this.feeds.compareHeads(), this.memberships.compare(), this.access.compare()]);
      this.log.debug(`compared all heads, memberships and access after ${reason}`);
    } catch (error) {
      this.due ??= reason;
      if (this.isStopped) return;
      this.log.warn(`could not compare all heads after ${reason}, trying again: ${String(error)}`);
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
    }
  }
}
