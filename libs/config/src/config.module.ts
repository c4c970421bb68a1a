import { type DynamicModule, Global, Module } from '@nestjs/common';
import { systemEnvironment } from './environment';
import { loadConfig } from './load';
import type { Environment, Slice } from './slice';

/** Gives every module the values of the process' slices: `@Inject(HttpConfig.token) config: HttpConfig`. */
@Global()
@Module({})
export class ConfigModule {
  /**
   * @param slices all that the process needs.
   * @throws ConfigError that lists all problems of all slices, before anything else is built.
   */
  static forRoot(slices: readonly Slice<string, never>[], env: Environment = systemEnvironment()): DynamicModule {
    const config: Readonly<Record<string, unknown>> = loadConfig(slices, env);
    return {
      module: ConfigModule,
      providers: slices.map(({ name, token }) => ({ provide: token, useValue: config[name] })),
      exports: slices.map(({ token }) => token),
    };
  }
}
