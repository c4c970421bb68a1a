import { Injectable } from '@nestjs/common';

/** Whether this process should get traffic. Depends on the process alone: an outage behind it must not eject every pod. */
@Injectable()
export class Readiness {
  private state: 'starting' | 'started' | 'draining' = 'starting';

  get isReady(): boolean {
    return this.state === 'started';
  }

  /** Everything is set up: call it once the process listens. */
  started(): void {
    if (this.state === 'starting') this.state = 'started';
  }

  /** The process goes away: call it before anything is closed. There is no way back. */
  draining(): void {
    this.state = 'draining';
  }
}
