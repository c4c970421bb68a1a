import { ServiceReplicas } from './service.replicas';

/** The replicas of all services that are known to answer. */
export class NatsReplicas {
  private readonly services = new Map<string, ServiceReplicas>();

  /**
   * A replica answers.
   *
   * @param load how busy it is, in percent.
   */
  heard(service: string, replica: string, load: number): void {
    let known = this.services.get(service);
    if (!known) this.services.set(service, (known = new ServiceReplicas()));
    known.heard(replica, load);
  }

  /** A replica is gone, until it is heard again. */
  lost(service: string, replica: string): void {
    this.services.get(service)?.lost(replica);
  }

  /**
   * @param waitedMs how long this process has waited for answers so far, in milliseconds.
   * @returns whom to ask next; undefined where any will do.
   */
  next(service: string, key: string | undefined, waitedMs: number): string | undefined {
    return this.services.get(service)?.next(key, waitedMs);
  }
}
