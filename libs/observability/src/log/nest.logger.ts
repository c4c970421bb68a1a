import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Who tells of each module, route and frame handler while Nest starts. */
const startContexts = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/**
 * Nest's log, and that of every `new Logger(Class.name)`, as lines of the process' own: `app.useLogger(new NestLogger(logger))`.
 *
 * A message may be a text, an error or fields (`{ msg, ...fields }`); Nest's last text parameter becomes `context`. What it
 * says of its own start gets the level `debug`.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(startContexts.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    if (!this.logger.isLevelEnabled(level)) return;
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const details = context === undefined ? rest : rest.slice(0, -1);
    const { msg, ...fields } = fieldsOf(message);
    const stack = details.find((detail) => typeof detail === 'string');
    const err = fields['err'] ?? details.find((detail) => detail instanceof Error);
    this.logger[level](
      {
        ...(context !== undefined && { context }),
        ...fields,
        ...(err !== undefined && { err }),
        ...(err === undefined && stack !== undefined && { stack }),
      },
      msg,
    );
  }
}

function fieldsOf(message: unknown): { readonly msg: string; readonly [field: string]: unknown } {
  if (message instanceof Error) return { msg: message.message, err: message };
  if (typeof message !== 'object' || message === null) return { msg: String(message) };
  return { ...message, msg: 'msg' in message ? String(message.msg) : '' };
}
