import type { IncomingHttpHeaders } from 'node:http';
import { Logger } from '@nestjs/common';
import { AppError } from '@parley/errors';

/** How often is told that pages were refused, in milliseconds. */
const tellEveryMs = 60_000;
/** As much of an origin as is logged: clients write there what they like. */
const maxLoggedLength = 200;

/**
 * Of which origins pages may call. Clients that are no browser send no origin. Pages of the host that was asked may, and
 * those of the origins that the deployment names (`*` for all).
 */
export class OriginPolicy {
  private readonly log = new Logger(OriginPolicy.name);
  private refused = 0;
  private tellsFrom = 0;

  constructor(private readonly allowed: readonly string[]) {}

  /** AppError `origin_not_allowed`, which does not say what is; undefined for a page that may call. */
  refusalOf({ origin, host }: IncomingHttpHeaders): AppError | undefined {
    if (origin === undefined || this.allows(origin, host)) return undefined;
    this.tell(origin);
    return new AppError('origin_not_allowed');
  }

  private allows(origin: string, host: string | undefined): boolean {
    if (this.allowed.includes(origin) || this.allowed.includes('*')) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  /** Not each time: any page can make its visitors' browsers ask. */
  private tell(origin: string): void {
    this.refused++;
    const now = performance.now();
    if (now < this.tellsFrom) return;
    const last = JSON.stringify(origin.slice(0, maxLoggedLength));
    this.log.warn(
      `refused ${this.refused} request(s) of pages whose origin CORS_ORIGINS does not name, the last: ${last}`,
    );
    this.refused = 0;
    this.tellsFrom = now + tellEveryMs;
  }
}
