import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Timestamp } from '@parley/contracts';
import { HealthController } from '@parley/observability';
import { z } from 'zod';
import { Public } from '../auth/public.decorator';

const HealthView = z
  .object({ status: z.enum(['healthy', 'degraded', 'unhealthy']), timestamp: Timestamp })
  .meta({ id: 'Health' });

const DetailedHealthView = HealthView.extend({
  ready: z.boolean(),
  uptime_seconds: z.number().int(),
  checks: z.record(
    z.string(),
    z.object({ status: z.enum(['up', 'down']), needed: z.boolean(), duration_ms: z.number().int() }),
  ),
}).meta({ id: 'DetailedHealth' });

const routes = {
  summary: { summary: 'Do sends work?', view: HealthView },
  live: { summary: 'Does the process run?', view: HealthView },
  ready: { summary: 'Should this process get traffic?', view: HealthView },
  detailed: { summary: 'What works, and what does not?', view: DetailedHealthView },
} as const;

/** Makes the platform's controller part of this API: it knows neither of tokens, which probes have none of, nor of docs. */
export function publishHealth(): void {
  Public()(HealthController);
  for (const [method, { summary, view }] of Object.entries(routes)) {
    const route = Object.getOwnPropertyDescriptor(HealthController.prototype, method);
    if (route === undefined) throw new Error(`HealthController has no route ${method}`);
    const target = [HealthController.prototype, method, route] as const;
    ApiOperation({ summary })(...target);
    ApiResponse({ status: 200, description: 'Yes', standardSchema: view })(...target);
    if (method !== 'live') ApiResponse({ status: 503, description: 'No', standardSchema: view })(...target);
  }
}
