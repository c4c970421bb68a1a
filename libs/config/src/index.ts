export { ConfigModule } from './config.module';
export { renderConfigurationDocs } from './documentation';
export { environmentWithDefaults, systemEnvironment } from './environment';
export { ConfigError, type ConfigOf, loadConfig } from './load';
export type { Environment } from './slice';
export { allowsDevIssuer, AuthConfig, hasTokenKey } from './slices/auth.config';
export { DatabaseConfig } from './slices/database.config';
export { FileAccessConfig } from './slices/file-access.config';
export { HttpConfig } from './slices/http.config';
export {
  type LimitRule,
  LimitsConfig,
  type LimitTable,
  limitTableOf,
  type LimitType,
  limitTypes,
} from './slices/limits.config';
export { LogConfig } from './slices/log.config';
export { MediaConfig } from './slices/media.config';
export { MessagingConfig, type SearchableField } from './slices/messaging.config';
export { NatsConfig } from './slices/nats.config';
export { PresenceConfig } from './slices/presence.config';
export { RealtimeConfig } from './slices/realtime.config';
export { RedisConfig } from './slices/redis.config';
export { StandaloneConfig } from './slices/standalone.config';
