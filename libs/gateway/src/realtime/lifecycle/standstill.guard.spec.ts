import type { ExecutionContext } from '@nestjs/common';
import type { LoopLag } from './loop.lag';
import { StandstillGuard } from './standstill.guard';

const contextOf = (type: string, method: string) =>
  ({ getType: () => type, switchToHttp: () => ({ getRequest: () => ({ method }) }) }) as unknown as ExecutionContext;

const guard = (hasStoodStill: boolean) => new StandstillGuard({ hasStoodStill } as LoopLag);

it.each([
  ['http', 'POST'],
  ['http', 'PUT'],
  ['http', 'DELETE'],
])('what came over %s as %s while the process stood still is not carried out', (type, method) => {
  expect(guard(false).canActivate(contextOf(type, method))).toBe(true);
  expect(() => guard(true).canActivate(contextOf(type, method))).toThrow(
    expect.objectContaining({ code: 'service_unavailable' }),
  );
});

it.each([
  ['http', 'GET'],
  ['rpc', ''],
])('over %s %s is answered all the same', (type, method) => {
  expect(guard(true).canActivate(contextOf(type, method))).toBe(true);
});
