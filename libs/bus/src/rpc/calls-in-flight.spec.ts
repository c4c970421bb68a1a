import { CallsInFlight } from './calls-in-flight';

describe('the end of calls in flight', () => {
  let calls: CallsInFlight;
  let isSettled: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    calls = new CallsInFlight();
    isSettled = false;
  });
  afterEach(() => jest.useRealTimers());

  const begin = (timeoutMs: number): number => calls.add({ deadlineAt: Date.now() + timeoutMs, requestId: 'r' });
  const wait = (): void => {
    void calls.settled().then(() => (isSettled = true));
  };
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('has come where there are none', async () => {
    wait();
    await pass(0);
    expect(isSettled).toBe(true);
  });

  it('comes when each is answered', async () => {
    const [one, other] = [begin(5_000), begin(5_000)];
    wait();
    calls.delete(one);
    await pass(10);
    expect(isSettled).toBe(false);
    calls.delete(other);
    await pass(0);
    expect(isSettled).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('comes at the last deadline where they hang', async () => {
    begin(1_000);
    begin(3_000);
    wait();
    await pass(2_900);
    expect(isSettled).toBe(false);
    await pass(100);
    expect(isSettled).toBe(true);
  });

  it('waits for the deadlines of those alone that are not answered', async () => {
    begin(1_000);
    const slow = begin(600_000_000_000);
    wait();
    await pass(2_000);
    calls.delete(slow);
    await pass(0);
    expect(isSettled).toBe(true);
  });
});
