import { createLogger } from './logger';
import { NestLogger } from './nest.logger';
import { requestIdOf } from './request.id';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';

/** A logger and the lines that it wrote. */
function aLog(level = 'trace') {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { logger: createLogger({ level, name: 'test' }, { write }), lines };
}

describe('createLogger', () => {
  it('writes JSON with the level as a word, the time in UTC and the name of the process', () => {
    const { logger, lines } = aLog();
    logger.warn({ conversationId: '12' }, 'A warning');
    expect(lines).toEqual([
      expect.objectContaining({ level: 'warn', name: 'test', msg: 'A warning', conversationId: '12' }),
    ]);
    expect(new Date(lines[0]?.['time'] as string).toISOString()).toBe(lines[0]?.['time']);
  });

  it.each([
    'authorization',
    'Authorization',
    'token',
    'accessToken',
    'access_token',
    'password',
    'secret',
    'jwtSecret',
    'content',
    'reply_to_content',
    'cookie',
    'set-cookie',
  ])('hides the value of %s, however deep it is', (name) => {
    const { logger, lines } = aLog();
    logger.info({ [name]: 'hunter2', request: { headers: [{ [name]: { nested: 'hunter2' } }] } }, 'x');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]?.[name]).toBe('[redacted]');
  });

  it('keeps the fields around a secret', () => {
    const { logger, lines } = aLog();
    logger.info({ headers: { cookie: 'a=b', host: 'example.org' }, contentLength: 3, n: 12n }, 'x');
    expect(lines[0]).toMatchObject({
      headers: { cookie: '[redacted]', host: 'example.org' },
      contentLength: 3,
      n: '12',
    });
  });

  it('hides tokens within texts', () => {
    const { logger, lines } = aLog();
    logger.info({ url: `/api/ws/${jwt}?token=hunter2&x=1` }, `GET /socket.io?a=b&token=hunter2 with ${jwt}`);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|eyJ/);
    expect(lines[0]).toMatchObject({ url: '/api/ws/[redacted]?token=[redacted]&x=1' });
  });

  it('writes an error with its code, stack and causes, without what drivers hang on it', () => {
    const { logger, lines } = aLog();
    const cause = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Failing row contains (hunter2)',
    });
    logger.error({ err: new Error(`refused ${jwt}`, { cause }) }, 'x');
    expect(lines[0]?.['err']).toMatchObject({
      type: 'Error',
      message: 'refused [redacted]',
      stack: expect.stringContaining('logger.spec') as string,
      cause: { message: 'duplicate key', code: '23505' },
    });
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|eyJ/);
  });

  it('survives what refers to itself', () => {
    const { logger, lines } = aLog();
    const loop: Record<string, unknown> = { n: 1 };
    loop['self'] = loop;
    logger.info({ loop }, 'x');
    expect(lines[0]?.['loop']).toEqual({ n: 1, self: '[circular]' });
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = aLog('warn');
    logger.info('no');
    logger.error('yes');
    expect(lines.map(({ msg }) => msg)).toEqual(['yes']);
  });
});

describe('NestLogger', () => {
  it('leaves what Nest tells of its own start to those who debug', () => {
    const { logger, lines } = aLog('info');
    new NestLogger(logger).log('Mapped {/health, GET} route', 'RouterExplorer');
    expect(lines).toEqual([]);
  });

  it('writes what Nest logs, with its context', () => {
    const { logger, lines } = aLog();
    const nest = new NestLogger(logger);
    nest.log('Started', 'Relay');
    nest.error('Broke', 'Error: Broke\n  at x', 'Router');
    nest.error(new Error('thrown'), 'Router');
    nest.warn({ msg: 'Again', attempts: 2, err: new Error('no') }, 'Consumer');
    nest.verbose('Detail');
    expect(lines).toEqual([
      expect.objectContaining({ level: 'info', msg: 'Started', context: 'Relay' }),
      expect.objectContaining({ level: 'error', msg: 'Broke', context: 'Router', stack: 'Error: Broke\n  at x' }),
      expect.objectContaining({
        level: 'error',
        msg: 'thrown',
        context: 'Router',
        err: expect.objectContaining({ message: 'thrown' }) as object,
      }),
      expect.objectContaining({
        level: 'warn',
        msg: 'Again',
        attempts: 2,
        context: 'Consumer',
        err: expect.objectContaining({ message: 'no' }) as object,
      }),
      expect.objectContaining({ level: 'trace', msg: 'Detail' }),
    ]);
  });
});

describe('requestIdOf', () => {
  it('keeps an id that is safe in headers and logs', () => {
    expect(requestIdOf('edge-7f.12:3')).toBe('edge-7f.12:3');
  });

  it.each([[undefined], [''], ['a b'], ['a\nb'], ['x'.repeat(129)], [['a']]])(
    'makes a new id instead of %j',
    (given) => {
      const id = requestIdOf(given);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(requestIdOf(given)).not.toBe(id);
    },
  );
});
