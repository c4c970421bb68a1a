import { describeWith, isServiceUp } from './service.availability';

const environment = { ...process.env };
beforeEach(() => {
  process.env = { ...environment, PARLEY_TEST_SERVICES: 'redis' };
  delete process.env['REQUIRE_SERVICES'];
});
afterEach(() => {
  process.env = environment;
  jest.restoreAllMocks();
});

it('knows which services answered', () => {
  expect([isServiceUp('redis'), isServiceUp('nats')]).toEqual([true, false]);
});

it('runs the tests where the services answered', () => {
  expect(describeWith('redis')).toBe(describe);
});

it('leaves the tests out aloud where one did not', () => {
  const skip = jest.spyOn(describe, 'skip').mockImplementation();
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const tests = jest.fn();
  describeWith('redis', 'nats')('delivery', tests);
  expect(skip).toHaveBeenCalledWith('delivery (left out: needs nats)', tests);
  expect(stderr).toHaveBeenCalledWith('*** LEFT OUT: delivery needs nats, which did not answer ***\n');
});

it('fails instead where the services are demanded', () => {
  process.env['REQUIRE_SERVICES'] = '1';
  let body: () => void = () => undefined;
  jest.spyOn(globalThis, 'describe').mockImplementation((_name, tests) => tests());
  jest.spyOn(globalThis, 'it').mockImplementation((_name, test) => {
    body = test as () => void;
  });
  const tests = jest.fn();
  describeWith('nats')('delivery', tests);
  expect(body).toThrow('nats did not answer');
  expect(tests).not.toHaveBeenCalled();
});
