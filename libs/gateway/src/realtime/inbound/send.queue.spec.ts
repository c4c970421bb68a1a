import { AppError } from '@parley/errors';
import { SendQueue } from './send.queue';

/** A send that is carried out when the test says so. */
function aSend<T>(started: unknown[], name: T) {
  let succeed: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const outcome = new Promise<T>((resolve, reject) => {
    succeed = () => resolve(name);
    fail = reject;
  });
  const send = () => (started.push(name), outcome);
  return { send, succeed, fail: (error: unknown) => fail(error) };
}

const settle = () => new Promise(setImmediate);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(() => 'sent').catch((error: unknown) => (error as AppError).code);

describe('the sends of one socket', () => {
  let queue: SendQueue;
  let started: unknown[];

  beforeEach(() => {
    queue = new SendQueue(10);
    started = [];
  });

  it('to one conversation are carried out one after another, as they came', async () => {
    const sends = [1, 2, 3].map((n) => aSend(started, n));
    const outcomes = sends.map(({ send }) => queue.run('a', send));
    for (const [index, send] of sends.entries()) {
      await settle();
      expect(started).toEqual([1, 2, 3].slice(0, index + 1));
      send.succeed();
    }
    expect(await Promise.all(outcomes)).toEqual([1, 2, 3]);
  });

  it('to different conversations do not wait for each other', () => {
    void queue.run('a', aSend(started, 'a').send);
    void queue.run('b', aSend(started, 'b').send);
    expect(started).toEqual(['a', 'b']);
  });

  it('go on after one that was refused', async () => {
    const outcomes = [
      queue.run('a', () => Promise.reject(new AppError('not_a_participant'))),
      queue.run('a', () => Promise.resolve('stored')),
    ];
    expect(await Promise.all(outcomes.map(codeOf))).toEqual(['not_a_participant', 'sent']);
  });

  it('fail unsent behind one whose outcome is unknown, in its conversation alone', async () => {
    const first = aSend(started, 'first');
    const outcomes = [
      queue.run('a', first.send),
      queue.run('a', aSend(started, 'behind').send),
      queue.run('a', aSend(started, 'behind, too').send),
      queue.run('b', () => Promise.resolve('elsewhere')),
    ].map(codeOf);
    await settle();
    first.fail(new AppError('service_unavailable'));
    expect(await Promise.all(outcomes)).toEqual([...Array<string>(3).fill('service_unavailable'), 'sent']);
    expect(started).toEqual(['first']);
    expect(await queue.run('a', () => Promise.resolve('later'))).toBe('later');
  });

  it('fail as internal_error where something broke, and hold up nobody', async () => {
    const broken = () => {
      throw new TypeError('broken');
    };
    expect(await codeOf(queue.run('a', broken))).toBe('internal_error');
    expect(await queue.run('a', () => Promise.resolve('next'))).toBe('next');
  });

  it('are refused when too many wait, until none waits: a later one never overtakes one that was refused', async () => {
    const sends = Array.from({ length: 10 }, (_, n) => aSend(started, n));
    const outcomes = sends.map(({ send }, n) => queue.run(`${n % 2}`, send));
    expect(await codeOf(queue.run('c', aSend(started, 'refused').send))).toBe('rate_limited');
    for (const { succeed } of sends.slice(0, 9)) succeed();
    await settle();
    expect(await codeOf(queue.run('c', aSend(started, 'refused, too').send))).toBe('rate_limited');
    sends[9]?.succeed();
    await Promise.all(outcomes);
    await settle();
    expect(await queue.run('c', () => Promise.resolve('welcome'))).toBe('welcome');
  });
});
