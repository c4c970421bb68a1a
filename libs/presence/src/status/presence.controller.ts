import { RpcHandler } from '@parley/bus';
import {
  ChooseStatus,
  type PresenceStatus,
  ReadStatuses,
  ReportPresence,
  type RequestOf,
  type ResponseOf,
  type UserId,
} from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { PresenceStore } from '../store/presence.store';
import { ofUser, ofViewer, userOf } from '../store/presentity';
import { OutagePatience } from './outage.patience';
import { PresenceAnnouncer, toTimestamp } from './presence.announcer';

@Controller()
export class PresenceController {
  constructor(
    private readonly store: PresenceStore,
    private readonly announcer: PresenceAnnouncer,
    private readonly patience: OutagePatience,
  ) {}

  @RpcHandler(ReportPresence)
  async report(request: RequestOf<typeof ReportPresence>): Promise<ResponseOf<typeof ReportPresence>> {
    const { gatewayId, present, gone, viewing, left, active } = request;
    const { announcements, chosen } = await this.store.report({
      gatewayId,
      present: [
        ...present.map(([userId, chosen]) => [ofUser(userId), chosen] as const),
        ...viewing.map((viewer) => [toViewer(viewer), null] as const),
      ],
      gone: [...gone.map(ofUser), ...left.map(toViewer)],
      active: active.map(ofUser),
    });
    await this.announcer.announce(announcements);
    return {
      chosen: chosen.flatMap(([presentity, status]): [UserId, PresenceStatus | null][] => {
        const userId = userOf(presentity);
        return userId === undefined ? [] : [[userId, status]];
      }),
    };
  }

  @RpcHandler(ChooseStatus)
  async choose({ userId, status }: RequestOf<typeof ChooseStatus>): Promise<ResponseOf<typeof ChooseStatus>> {
    const { status: seen, lastSeenMs, announcements } = await this.store.choose(ofUser(userId), status);
    await this.announcer.announce(announcements);
    return { status: seen, lastSeen: toTimestamp(lastSeenMs) };
  }

  @RpcHandler(ReadStatuses)
  async read({ userIds }: RequestOf<typeof ReadStatuses>): Promise<ResponseOf<typeof ReadStatuses>> {
    const { known, filledForMs } = await this.store.read(userIds.map(ofUser), this.patience.spareMs);
    const statuses = known.flatMap(({ presentity, status, lastSeenMs }) => {
      const userId = userOf(presentity);
      return userId === undefined ? [] : [{ userId, status, lastSeen: toTimestamp(lastSeenMs) }];
    });
    return { statuses, isComplete: filledForMs >= this.patience.fullMs };
  }
}

function toViewer([conversationId, userId]: RequestOf<typeof ReportPresence>['viewing'][number]) {
  return ofViewer({ conversationId, userId: userId satisfies UserId });
}
