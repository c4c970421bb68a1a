import type { Slice, Variable } from './slice';
import { AuthConfig } from './slices/auth.config';
import { DatabaseConfig } from './slices/database.config';
import { FileAccessConfig } from './slices/file-access.config';
import { HttpConfig } from './slices/http.config';
import { LimitsConfig } from './slices/limits.config';
import { LogConfig } from './slices/log.config';
import { MediaConfig } from './slices/media.config';
import { MessagingConfig } from './slices/messaging.config';
import { NatsConfig } from './slices/nats.config';
import { PresenceConfig } from './slices/presence.config';
import { RealtimeConfig } from './slices/realtime.config';
import { RedisConfig } from './slices/redis.config';
import { StandaloneConfig } from './slices/standalone.config';

const sections: readonly (readonly [title: string, slice: Slice<string, never>])[] = [
  ['HTTP', HttpConfig],
  ['Tokens', AuthConfig],
  ['Database', DatabaseConfig],
  ['NATS', NatsConfig],
  ['Redis', RedisConfig],
  ['Messaging', MessagingConfig],
  ['Files', FileAccessConfig],
  ['Media', MediaConfig],
  ['Realtime', RealtimeConfig],
  ['Presence', PresenceConfig],
  ['Limits', LimitsConfig],
  ['Logs', LogConfig],
  ['Standalone', StandaloneConfig],
];

const introduction = `# Configuration

Every setting is an environment variable. An empty one counts as unset; booleans are \`true\`, \`1\`, \`on\` or \`false\`, \`0\`, \`off\`.
A process checks all of its settings before it connects to anything, and lists all that is wrong at once.
With \`NODE_ENV=production\` settings that are only meant for development are refused.

This page is generated from \`libs/config\`.
`;

/** `docs/CONFIGURATION.md`: a table of each slice's variables. The same slices always give the same text. */
export function renderConfigurationDocs(): string {
  return [introduction, ...sections.map(([title, slice]) => renderSlice(title, slice))].join('\n');
}

function renderSlice(title: string, slice: Slice<string, never>): string {
  const rows = Object.values(slice.variables).map(renderVariable);
  return [`## ${title}`, '', '| variable | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

function renderVariable(variable: Variable): string {
  const secret = variable.secret ? ' Secret.' : '';
  const fallback = variable.fallback ? ` ${variable.fallback.description}` : '';
  return `| \`${variable.env}\` | ${renderDefault(variable)} | ${cell(variable.description + fallback + secret)} |`;
}

function renderDefault(variable: Variable): string {
  if (variable.default !== undefined) return variable.default === '' ? 'empty' : `\`${cell(variable.default)}\``;
  return variable.required ? 'required' : 'unset';
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
