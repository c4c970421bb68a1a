import { Logger } from '@nestjs/common';
import { OriginPolicy } from './origin.policy';

const foreign = { origin: 'https://evil.example', host: 'chat.example' };

describe('the policy of origins', () => {
  let warn: jest.SpyInstance;

  beforeEach(() => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
    warn.mockRestore();
  });

  it.each([
    ['no browser', undefined],
    ['the host that was asked', 'https://chat.example'],
    ['an origin that is named', 'https://app.example'],
  ])('lets %s call, and says nothing', (_, origin) => {
    const policy = new OriginPolicy(['https://app.example']);
    expect(policy.refusalOf({ host: 'chat.example', ...(origin === undefined ? {} : { origin }) })).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });

  it('lets all call where a star is named', () => {
    expect(new OriginPolicy(['*']).refusalOf(foreign)).toBeUndefined();
  });

  it('refuses others without a word of who may', () => {
    const refusal = new OriginPolicy(['https://app.example']).refusalOf(foreign);
    expect(refusal).toMatchObject({ code: 'origin_not_allowed', status: 403, retryable: false });
    expect(JSON.stringify([refusal, refusal?.message])).not.toContain('app.example');
  });

  it('tells the operator which setting it is, once a minute at most, and of how many', () => {
    const policy = new OriginPolicy([]);
    for (let n = 0; n < 100; n++) policy.refusalOf(foreign);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/refused 1 .*CORS_ORIGINS.*"https:\/\/evil\.example"$/)]]);
    jest.advanceTimersByTime(60_000);
    policy.refusalOf({ ...foreign, origin: 'x'.repeat(10_000) });
    expect(warn).toHaveBeenCalledTimes(2);
    const [[, [line]]] = [warn.mock.calls as [unknown, [string]]];
    expect(line).toContain('refused 100 ');
    expect(line.length).toBeLessThan(400);
  });
});
