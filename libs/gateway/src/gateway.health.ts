import { Injectable, type OnModuleInit } from '@nestjs/common';
import { BusHealth, RpcClient } from '@parley/bus';
import { ReadEpoch } from '@parley/contracts';
import { HealthService } from '@parley/observability';

/** Shorter than a probe waits, in milliseconds. */
const answerTimeoutMs = 400;

/** What a gateway needs so that sends work: the bus, and somebody who answers on it. */
@Injectable()
export class GatewayHealth implements OnModuleInit {
  constructor(
    private readonly health: HealthService,
    private readonly bus: BusHealth,
    private readonly rpc: RpcClient,
  ) {}

  onModuleInit(): void {
    this.health.register({ name: 'bus', needed: true, isUp: () => this.bus.isUp() });
    this.health.register({ name: 'messaging', needed: true, isUp: () => this.doesMessagingAnswer() });
  }

  private async doesMessagingAnswer(): Promise<boolean> {
    await this.rpc.call(ReadEpoch, {}, { timeoutMs: answerTimeoutMs });
    return true;
  }
}
