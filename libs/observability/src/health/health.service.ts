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
/** How long an answer holds for all who ask, in milliseconds; a bad one shorter, because all wait for it to change. */
const goodForMs = 1_000;
const badForMs = 250;

interface Answers {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** By this process' own clock. */
  readonly holdUntilMs: number;
}

/** Puts the answers of all indicators together. */
@Injectable()
export class HealthService {
  private readonly indicators = new Map<string, HealthIndicator>();
  /** Questions that have not been answered: whoever does not answer is not asked again. */
  private readonly unanswered = new Map<HealthIndicator, Promise<boolean>>();
  private underway: Promise<Answers> | undefined;
  private latest: Answers | undefined;

  /** @param now the time in milliseconds. */
  constructor(
    private readonly readiness: Readiness,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** An indicator of the same name is replaced. */
  register(indicator: HealthIndicator): void {
    this.indicators.set(indicator.name, indicator);
    this.latest = undefined;
  }

  /**
   * Asks all indicators at once; answers within about 500 ms. Who asks meanwhile, or within a second after it, gets the same
   * answer: however many probes there are, what they look at hears of one a second.
   *
   * `unhealthy`: something needed is down, or the process is starting or draining, which is told at once.
   */
  async examine(): Promise<DetailedHealthDocument> {
    const { checks } = await this.current();
    const isDown = (needed: boolean): boolean =>
      Object.values(checks).some((each) => each.status === 'down' && each.needed === needed);
    const ready = this.readiness.isReady;
    return {
      status: !ready || isDown(true) ? 'unhealthy' : isDown(false) ? 'degraded' : 'healthy',
      timestamp: new Date().toISOString(),
      ready,
      uptime_seconds: Math.round(process.uptime()),
      checks,
    };
  }

  private current(): Promise<Answers> {
    if (this.latest && this.now() < this.latest.holdUntilMs) return Promise.resolve(this.latest);
    this.underway ??= this.ask().finally(() => (this.underway = undefined));
    return this.underway;
  }

  private async ask(): Promise<Answers> {
    const entries = await Promise.all([...this.indicators.values()].map((indicator) => this.check(indicator)));
    const isGood = entries.every(([, { status }]) => status === 'up');
    this.latest = { checks: Object.fromEntries(entries), holdUntilMs: this.now() + (isGood ? goodForMs : badForMs) };
    return this.latest;
  }

  private async check(indicator: HealthIndicator): Promise<[name: string, check: HealthCheck]> {
    const { name, needed } = indicator;
    const startedAt = this.now();
    const isUp = await withinBound(this.question(indicator));
    return [name, { status: isUp ? 'up' : 'down', needed, duration_ms: Math.round(this.now() - startedAt) }];
  }

  private question(indicator: HealthIndicator): Promise<boolean> {
    const open = this.unanswered.get(indicator);
    if (open) return open;
    const asked = answerOf(indicator).finally(() => this.unanswered.delete(indicator));
    this.unanswered.set(indicator, asked);
    return asked;
  }
}

/** Never rejects. */
async function answerOf(indicator: HealthIndicator): Promise<boolean> {
  try {
    return await indicator.isUp();
  } catch {
    return false;
  }
}

async function withinBound(answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), checkTimeoutMs);
  });
  const isUp = await Promise.race([answer, late]);
  clearTimeout(timer);
  return isUp;
}
