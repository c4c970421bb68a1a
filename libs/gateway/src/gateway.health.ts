import { Injectable, type OnModuleInit } from '@nestjs/common';
import { BusHealth, RpcClient } from '@parley/bus';
import { ProbeStorage, ReadStatuses } from '@parley/contracts';
import { HealthService } from '@parley/observability';

/** Shorter than a probe waits, in milliseconds. */
const answerTimeoutMs = 450;

/**
 * What a gateway needs so that sends work: the bus, somebody who answers on it, and a database that takes what they write.
 * Without presence it works, and shows nobody as online.
 */
@Injectable()
export class GatewayHealth implements OnModuleInit {
  /** While it is being asked. */
  private probe: Promise<boolean> | undefined;

  constructor(
    private readonly health: HealthService,
    private readonly bus: BusHealth,
    private readonly rpc: RpcClient,
  ) {}

  onModuleInit(): void {
    this.health.register({ name: 'bus', needed: true, isUp: () => this.bus.carries() });
    this.health.register({ name: 'messaging', needed: true, isUp: () => this.probeMessaging().then(() => true) });
    // Without messaging nobody knows: what cannot be reached counts as down.
    this.health.register({ name: 'postgres', needed: true, isUp: () => this.probeMessaging() });
    this.health.register({ name: 'presence', needed: false, isUp: () => this.doesPresenceAnswer() });
  }

  /** One call for both who ask. @returns whether messages can be stored; rejects where nobody answers. */
  private probeMessaging(): Promise<boolean> {
    this.probe ??= this.rpc
      .call(ProbeStorage, {}, { timeoutMs: answerTimeoutMs })
      .then(({ takesWrites }) => takesWrites)
      .finally(() => (this.probe = undefined));
    return this.probe;
  }

  private async doesPresenceAnswer(): Promise<boolean> {
    await this.rpc.call(ReadStatuses, { userIds: [] }, { timeoutMs: answerTimeoutMs });
    return true;
  }
}
