import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig } from '../load';
import type { Environment } from '../slice';
import { defaultLimits, LimitsConfig, limitTableOf } from './limits.config';

const folder = mkdtempSync(path.join(tmpdir(), 'parley-limits-'));
const file = path.join(folder, 'limits.json');
afterAll(() => rmSync(folder, { recursive: true }));

const load = (env: Environment) => loadConfig([LimitsConfig], env).limits;

/** The table that a file of this content makes. */
function tableOf(content: unknown, env: Environment = {}) {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return limitTableOf(load({ ...env, RATE_LIMITS_FILE: file }));
}

function problemsOf(content: unknown): string[] {
  try {
    tableOf(content);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ variable, message }) => `${variable} ${message}`);
    throw error;
  }
  return [];
}

describe('limits', () => {
  it('are on, and those of the contract, where nothing is configured', () => {
    expect(load({}).enabled).toBe(true);
    expect(limitTableOf(load({}))).toEqual({
      message_send: { limit: 10, window: 60, roles: { admin: 50, moderator: 30, teacher: 20 } },
      conversation_create: { limit: 5, window: 300, roles: { admin: 20, moderator: 10, teacher: 8 } },
      file_upload: { limit: 3, window: 60 },
      ws_connect: { limit: 10, window: 60 },
      api: { limit: 100, window: 60 },
    });
  });

  it('are turned off by a word', () => {
    expect(load({ RATE_LIMITS: 'off' }).enabled).toBe(false);
  });

  it('come from a file, and keep their defaults where it is silent', () => {
    const upload = { limit: 7, window: 30, roles: { teacher: 9 } };
    expect(tableOf({ file_upload: upload })).toEqual({ ...defaultLimits, file_upload: upload });
    expect(tableOf({})).toEqual(defaultLimits);
  });

  it('of a file know only the roles that it names', () => {
    expect(tableOf({ message_send: { limit: 1, window: 1 } }).message_send).toEqual({ limit: 1, window: 1 });
  });

  it.each<[Environment, object]>([
    [{ RATE_LIMIT_MESSAGES: '100' }, { limit: 100, window: 60 }],
    [{ RATE_LIMIT_WINDOW: '10' }, { limit: 10, window: 10 }],
    [
      { RATE_LIMIT_MESSAGES: '100', RATE_LIMIT_WINDOW: '10' },
      { limit: 100, window: 10 },
    ],
  ])('of sends are set for all roles alike by %j', (env, row) => {
    expect(limitTableOf(load(env))).toEqual({ ...defaultLimits, message_send: row });
  });

  it('of a file win over single variables', () => {
    const row = { limit: 3, window: 4 };
    expect(tableOf({ message_send: row }, { RATE_LIMIT_MESSAGES: '100' }).message_send).toEqual(row);
  });

  it('name everything that is wrong with their file at once', () => {
    const problems = problemsOf({
      api: { limit: 0, window: '60' },
      mesage_send: { limit: 1, window: 1 },
      file_upload: 3,
      ws_connect: { limit: 1.5, window: 86_401, burst: 3 },
      message_send: { limit: 1, window: 1, roles: { teacher: -1, admin: null } },
      conversation_create: { limit: 1, window: 1, roles: ['admin'] },
    });
    expect(problems).toEqual([
      'RATE_LIMITS_FILE api.limit: must be a whole number from 1 to 100000',
      'RATE_LIMITS_FILE api.window: must be a whole number from 1 to 86400',
      'RATE_LIMITS_FILE mesage_send: is no limit type, only message_send, conversation_create, file_upload, ws_connect, api are',
      'RATE_LIMITS_FILE file_upload: must be an object with limit and window',
      'RATE_LIMITS_FILE ws_connect.limit: must be a whole number from 1 to 100000',
      'RATE_LIMITS_FILE ws_connect.window: must be a whole number from 1 to 86400',
      'RATE_LIMITS_FILE ws_connect: has only limit, window and roles',
      'RATE_LIMITS_FILE message_send.roles.teacher: must be a whole number from 1 to 100000',
      'RATE_LIMITS_FILE message_send.roles.admin: must be a whole number from 1 to 100000',
      'RATE_LIMITS_FILE conversation_create.roles: must be an object with a limit for each role',
    ]);
  });

  it.each([
    ['{', 'RATE_LIMITS_FILE is not JSON'],
    ['[]', 'RATE_LIMITS_FILE must be a JSON object with a rule for each limit type'],
    ['null', 'RATE_LIMITS_FILE must be a JSON object with a rule for each limit type'],
  ])('cannot be read from %s', (content, problem) => {
    expect(problemsOf(content)).toEqual([problem]);
  });

  it('cannot be read from a file that is not there', () => {
    const loading = () => load({ RATE_LIMITS_FILE: path.join(folder, 'none.json') });
    expect(loading).toThrow(/RATE_LIMITS_FILE: cannot be read: ENOENT/);
  });
});
