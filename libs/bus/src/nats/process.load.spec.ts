import { ProcessLoad } from './process.load';

describe('the load of a process', () => {
  let now: number;
  let cpu: NodeJS.CpuUsage;
  let idle: number;
  let load: ProcessLoad;

  beforeEach(() => {
    now = 5_000;
    cpu = { user: 4_000_000, system: 500_000 };
    idle = 500;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(performance, 'eventLoopUtilization').mockImplementation(() => ({ idle, active: 0, utilization: 0 }));
    jest.spyOn(process, 'cpuUsage').mockImplementation((since) => ({
      user: cpu.user - (since?.user ?? 0),
      system: cpu.system - (since?.system ?? 0),
    }));
    load = new ProcessLoad();
  });
  afterEach(() => jest.restoreAllMocks());

  /** In milliseconds. */
  const pass = (time: { readonly busy: number; readonly idle: number; readonly waiting?: number }): void => {
    now += time.busy + time.idle + (time.waiting ?? 0);
    cpu = { user: cpu.user + time.busy * 800, system: cpu.system + time.busy * 200 };
    idle += time.idle;
  };

  it('is none before something was measured', () => {
    expect(load.current()).toBe(0);
  });

  it('is the share of the time in which it computed, since it was measured last', () => {
    pass({ busy: 100, idle: 300 });
    expect(load.current()).toBe(25);
    pass({ busy: 300, idle: 0 });
    expect(load.current()).toBe(100);
    pass({ busy: 0, idle: 10_000 });
    expect(load.current()).toBe(0);
  });

  it('leaves out the time in which it waited for a core', () => {
    pass({ busy: 100, idle: 100, waiting: 600 });
    expect(load.current()).toBe(50);
    pass({ busy: 100, idle: 0, waiting: 300 });
    expect(load.current()).toBe(100);
    pass({ busy: 0, idle: 0, waiting: 900 });
    expect(load.current()).toBe(0);
  });

  it('stands for a quarter of a second', () => {
    pass({ busy: 50, idle: 200 });
    expect(load.current()).toBe(20);
    pass({ busy: 249, idle: 0 });
    expect(load.current()).toBe(20);
    pass({ busy: 1, idle: 0 });
    expect(load.current()).toBe(100);
  });
});
