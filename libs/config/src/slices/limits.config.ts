import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defineSlice, type SliceOf } from '../slice';
import { flag, integer } from '../values';

/** What users may do only so often. */
export const limitTypes = ['message_send', 'conversation_create', 'file_upload', 'ws_connect', 'api'] as const;
export type LimitType = (typeof limitTypes)[number];

/** How often something may be done in any stretch of time of the window's length. */
export interface LimitRule {
  readonly limit: number;
  /** In seconds. */
  readonly window: number;
  /** Other limits for the users of these roles, in the same window. */
  readonly roles?: Readonly<Record<string, number>> | undefined;
}

export type LimitTable = Readonly<Record<LimitType, LimitRule>>;

/** What holds where nothing is configured. */
export const defaultLimits: LimitTable = {
  message_send: { limit: 10, window: 60, roles: { admin: 50, moderator: 30, teacher: 20 } },
  conversation_create: { limit: 5, window: 300, roles: { admin: 20, moderator: 10, teacher: 8 } },
  file_upload: { limit: 3, window: 60 },
  ws_connect: { limit: 10, window: 60 },
  api: { limit: 100, window: 60 },
};

/** The times of so many attempts are kept for each user. */
const maxLimit = 100_000;
const maxWindowS = 86_400;

export const LimitsConfig = defineSlice('limits', {
  enabled: {
    env: 'RATE_LIMITS',
    schema: flag,
    default: 'on',
    description: 'Limit how often each user may do what; `off` lets everybody do everything.',
  },
  table: {
    env: 'RATE_LIMITS_FILE',
    schema: z.string().transform(readTable),
    description:
      'A JSON file with other limits: `{ "message_send": { "limit": 10, "window": 60, "roles": { "teacher": 20 } } }`, ' +
      `windows in seconds. The types are ${limitTypes.map((type) => `\`${type}\``).join(', ')}; those that it leaves out keep their defaults.`,
  },
  messageLimit: {
    env: 'RATE_LIMIT_MESSAGES',
    schema: integer(1, maxLimit),
    description: 'Sends of each user, whatever the role, unless the file has a `message_send`.',
  },
  messageWindow: {
    env: 'RATE_LIMIT_WINDOW',
    schema: integer(1, maxWindowS),
    description: 'The window of sends, in seconds, for all roles alike, unless the file has a `message_send`.',
  },
  answerTimeoutMs: {
    env: 'RATE_LIMITS_TIMEOUT_MS',
    schema: integer(10, 60_000),
    default: '150',
    description:
      'How long a send waits for Redis to count it, in milliseconds; then the gateway counts by itself until Redis answers again.',
  },
});
export type LimitsConfig = SliceOf<typeof LimitsConfig>;

/** The limits that are in force, of all types. */
export function limitTableOf({ table, messageLimit, messageWindow }: LimitsConfig): LimitTable {
  const { limit, window } = defaultLimits.message_send;
  const isMessageRowSet = messageLimit !== undefined || messageWindow !== undefined;
  const messageRow = { limit: messageLimit ?? limit, window: messageWindow ?? window };
  return { ...defaultLimits, ...(isMessageRowSet ? { message_send: messageRow } : {}), ...table };
}

const whole = (max: number) => {
  const error = `must be a whole number from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};

const ruleError = ({ code }: { readonly code: string }) =>
  code === 'unrecognized_keys' ? 'has only limit, window and roles' : 'must be an object with limit and window';

const Rule = z.strictObject(
  {
    limit: whole(maxLimit),
    window: whole(maxWindowS),
    roles: z
      .record(z.string(), whole(maxLimit), { error: 'must be an object with a limit for each role' })
      .exactOptional(),
  },
  { error: ruleError },
);

const Table = z.record(z.string(), z.unknown(), { error: 'must be a JSON object with a rule for each limit type' });

/** Reads the file that replaces limits. All that is wrong with it is told at once. */
function readTable(path: string, context: z.RefinementCtx<string>): Partial<LimitTable> {
  const problem = (message: string) => void context.addIssue({ code: 'custom', message });
  const table = Table.safeParse(readJson(path, problem));
  if (!table.success) {
    if (context.issues.length === 0) problem(table.error.issues[0]?.message ?? 'is wrong');
    return z.NEVER;
  }
  const rules: Partial<Record<LimitType, LimitRule>> = {};
  for (const [type, value] of Object.entries(table.data)) {
    if (!isLimitType(type)) {
      problem(`${type}: is no limit type, only ${limitTypes.join(', ')} are`);
      continue;
    }
    const rule = Rule.safeParse(value);
    if (rule.success) rules[type] = rule.data;
    else for (const issue of rule.error.issues) problem(`${[type, ...issue.path].join('.')}: ${issue.message}`);
  }
  return rules;
}

function readJson(path: string, problem: (message: string) => void): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return problem(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return problem('is not JSON');
  }
}

const isLimitType = (word: string): word is LimitType => (limitTypes as readonly string[]).includes(word);
