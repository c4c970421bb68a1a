import { FrameLog } from './frame.log';

const pong = (time: string) => ({ event: 'pong', payload: { server_time: time } });

describe('FrameLog', () => {
  let log: FrameLog;
  beforeEach(() => (log = new FrameLog()));

  it('finds what came before it was asked for, and what comes after', async () => {
    log.add(pong('1'));
    await expect(log.next('pong')).resolves.toEqual({ server_time: '1' });
    const later = log.next('pong');
    log.add(pong('2'));
    await expect(later).resolves.toEqual({ server_time: '2' });
  });

  it('gives each frame out once, in order, to those who ask in order', async () => {
    const [first, second] = [log.next('pong'), log.next('pong')];
    log.add(pong('1'));
    log.add(pong('2'));
    log.add(pong('3'));
    await expect(Promise.all([first, second, log.next('pong')])).resolves.toEqual(
      ['1', '2', '3'].map((time) => ({ server_time: time })),
    );
    expect(log.frames).toHaveLength(3);
  });

  it('passes over what does not match, and leaves it for others', async () => {
    const second = log.next('pong', ({ server_time }) => server_time === '2');
    log.add({ event: 'error', payload: {} });
    log.add(pong('1'));
    log.add(pong('2'));
    await expect(second).resolves.toEqual({ server_time: '2' });
    await expect(log.next('pong')).resolves.toEqual({ server_time: '1' });
  });

  it('tells those who wait why nothing will come, and what came instead', async () => {
    const never = log.next('session');
    log.add(pong('1'));
    log.end('the connection is closed');
    await expect(never).rejects.toThrow(/no session came \(the connection is closed\); seen: 1 frames.*pong/);
    await expect(log.next('session')).rejects.toThrow('the connection is closed');
    await expect(log.next('pong')).resolves.toEqual({ server_time: '1' });
  });

  it('lets listeners hear every frame until they have enough', () => {
    const heard: unknown[] = [];
    const stop = log.listen(({ payload }) => heard.push(payload));
    log.add(pong('1'));
    stop();
    log.add(pong('2'));
    expect(heard).toEqual([{ server_time: '1' }]);
  });
});
