export { HealthController } from './health/health.controller';
export type { HealthIndicator } from './health/health.indicator';
export { HealthModule, type HealthOptions } from './health/health.module';
export {
  type DetailedHealthDocument,
  type HealthCheck,
  type HealthDocument,
  HealthService,
  type HealthStatus,
} from './health/health.service';
export { Readiness } from './health/readiness';
export { closeHttp, prepareDrain } from './http/http.drain';
export { createLogger, type LoggerOptions } from './log/logger';
export { NestLogger } from './log/nest.logger';
export { requestIdOf } from './log/request.id';
export { describeStartFailure, exitWithFailure, StartFailure } from './process/start.failure';
export { endOnSignal } from './process/stop.signal';
