import { Injectable } from '@nestjs/common';
import type { HealthIndicator } from './health.indicator';
import { Readiness } from './readiness';

/** `degraded`: works, without something that messages do not need. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** `{ "status": "healthy", "timestamp": "2026-01-20T10:00:00.000Z" }` */
export interface HealthDocument {
  readonly status: HealthStatus;
  /** UTC. */
  readonly timestamp: string;
}

export interface HealthCheck {
  readonly status: 'up' | 'down';
  readonly needed: boolean;
  /** How long the answer took, in milliseconds. */
  readonly duration_ms: number;
}

/** `{ "status", "timestamp", "ready": true, "uptime_seconds": 12, "checks": { "nats": { "status": "up", "needed": true, "duration_ms": 0 } } }` */
export interface DetailedHealthDocument extends HealthDocument {
  readonly ready: boolean;
  readonly uptime_seconds: number;
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

const checkTimeoutMs = 500;

/** Puts the answers of all indicators together. */
@Injectable()
export class HealthService {
  private readonly indicators = new Map<string, HealthIndicator>();
  private underway: Promise<DetailedHealthDocument> | undefined;

  constructor(private readonly readiness: Readiness) {}

  /** An indicator of the same name is replaced. */
  register(indicator: HealthIndicator): void {
    this.indicators.set(indicator.name, indicator);
  }

  /**
   * Asks all indicators at once; answers within about 500 ms. Who asks meanwhile gets the same answer, so that probes cannot
   * pile up on something that is in trouble.
   *
   * `unhealthy`: something needed is down, or the process is starting or draining.
   */
  examine(): Promise<DetailedHealthDocument> {
    this.underway ??= this.ask().finally(() => (this.underway = undefined));
    return this.underway;
  }

  private async ask(): Promise<DetailedHealthDocument> {
    const checks = await Promise.all([...this.indicators.values()].map(check));
    const isDown = (needed: boolean): boolean => checks.some(([, c]) => c.status === 'down' && c.needed === needed);
    const ready = this.readiness.isReady;
    return {
      status: !ready || isDown(true) ? 'unhealthy' : isDown(false) ? 'degraded' : 'healthy',
      timestamp: new Date().toISOString(),
      ready,
      uptime_seconds: Math.round(process.uptime()),
      checks: Object.fromEntries(checks),
    };
  }
}

async function check(indicator: HealthIndicator): Promise<[name: string, check: HealthCheck]> {
  const { name, needed } = indicator;
  const startedAt = performance.now();
  const isUp = await withinBound(indicator);
  return [name, { status: isUp ? 'up' : 'down', needed, duration_ms: Math.round(performance.now() - startedAt) }];
}

async function withinBound(indicator: HealthIndicator): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), checkTimeoutMs);
  });
  try {
    return await Promise.race([indicator.isUp(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
