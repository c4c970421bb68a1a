import type { AppProcess } from './app.process';
import type { Deployment, Exit } from './deployment';

/** Processes by name, and what goes with them when they stop. */
export class AppDeployment implements Deployment {
  private readonly processes: ReadonlyMap<string, AppProcess>;

  /**
   * @param frontApp the app that clients call.
   * @param cleanUp removes what the processes have stored; runs when all have ended.
   */
  constructor(
    readonly kind: Deployment['kind'],
    readonly secret: string,
    processes: readonly AppProcess[],
    private readonly frontApp: string,
    private readonly cleanUp: () => Promise<void>,
  ) {
    this.processes = new Map(processes.map((each) => [each.name, each]));
  }

  get urls(): readonly string[] {
    return this.names(this.frontApp).map((name) => this.url(name));
  }

  /** @throws when one does not get healthy; nothing is left behind then. */
  async start(): Promise<this> {
    const outcomes = await Promise.allSettled([...this.processes.values()].map((each) => each.start()));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return this;
    await this.stop();
    throw failed.reason;
  }

  names(app?: string): readonly string[] {
    const all = [...this.processes.keys()];
    return app === undefined ? all : all.filter((name) => name === app || name.startsWith(`${app}-`));
  }

  url(name: string): string {
    return this.process(name).url;
  }

  kill(name: string, signal: NodeJS.Signals): Promise<Exit> {
    return this.process(name).kill(signal);
  }

  restart(name: string): Promise<void> {
    return this.process(name).start();
  }

  output(name: string): string {
    return this.process(name).output;
  }

  /** Services last: what gateways still have in flight is answered. */
  async stop(): Promise<void> {
    const all = [...this.processes.values()];
    const front = new Set(this.names(this.frontApp));
    await Promise.all(all.filter(({ name }) => front.has(name)).map((each) => each.kill('SIGTERM')));
    await Promise.all(all.filter(({ name }) => !front.has(name)).map((each) => each.kill('SIGTERM')));
    await this.cleanUp();
  }

  private process(name: string): AppProcess {
    const found = this.processes.get(name);
    if (!found) throw new Error(`there is no ${name}, only ${[...this.processes.keys()].join(', ')}`);
    return found;
  }
}
