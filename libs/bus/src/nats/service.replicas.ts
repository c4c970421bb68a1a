/** How often a call that could be aimed goes to whichever replica takes it, in milliseconds: so new ones are heard of. */
const lookAroundMs = 1_000;

/** Who is asked and says nothing for so long is not asked more, in milliseconds that this process waited for answers. */
const silenceMs = 100;

/** What one replica is to do at most, in percent. */
const maxLoad = 70;

/** A load that was told longer ago counts no more, in milliseconds. */
const loadMs = 2_000;

/** Who was not heard for so long is forgotten, in milliseconds: it may be gone for good. */
const forgetMs = 60_000;

interface Replica {
  readonly name: string;
  /** As it told last, in percent. */
  load: number;
  /** By `performance.now()`. */
  heardAt: number;
  /** How long this process had waited when the first call was aimed at it since it was heard, in milliseconds. */
  askedAtMs: number | undefined;
}

/**
 * The replicas of a service that are known to answer, and at which of them a call is aimed. Every process that knows the same
 * ones aims at the same ones, and mostly still does when one comes or goes.
 *
 * Calls that come together are answered together for less. So one replica gets them all, while it can do that. Once one is
 * full they are shared, those with a busy key by their key, and stay so until one could do what all of them do.
 */
export class ServiceReplicas {
  /** In the order in which they get all calls: the first one does, unless it is silent. */
  private replicas: readonly Replica[] = [];
  private isShared = false;
  private lookAroundAt = performance.now() + lookAroundMs;

  /**
   * A replica answers.
   *
   * @param load how busy it is, in percent.
   */
  heard(name: string, load: number): void {
    const now = performance.now();
    const replica = this.replicas.find((known) => known.name === name) ?? this.add(name);
    replica.load = load;
    replica.heardAt = now;
    replica.askedAtMs = undefined;
    this.isShared = (this.isShared ? this.loadOfAll(now) : load) > maxLoad;
  }

  /** A replica is gone, until it is heard again. */
  lost(name: string): void {
    this.replicas = this.replicas.filter((replica) => replica.name !== name);
  }

  /**
   * Who is asked next.
   *
   * @param key of those calls that are better answered together than spread, if there are several now.
   * @param waitedMs how long this process has waited for answers so far, in milliseconds. After time in which it stood still
   *   the answers are still to be read, maybe behind what brings the next calls: nobody was silent then.
   * @returns undefined where any will do: it is shared and without a key, nobody is known to answer, or it is time to look around.
   */
  next(key: string | undefined, waitedMs: number): string | undefined {
    const now = performance.now();
    if (now >= this.lookAroundAt) {
      this.lookAroundAt = now + lookAroundMs;
      this.replicas = this.replicas.filter(({ heardAt }) => now - heardAt < forgetMs);
      return undefined;
    }
    const replica = this.choose(key, waitedMs);
    if (!replica) return undefined;
    replica.askedAtMs ??= waitedMs;
    return replica.name;
  }

  private choose(key: string | undefined, waitedMs: number): Replica | undefined {
    if (!this.isShared) return this.replicas.find((replica) => !isSilent(replica, waitedMs));
    return key === undefined ? undefined : this.heaviest(key, waitedMs);
  }

  /** Rendezvous hashing: of all that are not silent the one that weighs most with the key. */
  private heaviest(key: string, waitedMs: number): Replica | undefined {
    let chosen: Replica | undefined;
    let most = -1;
    for (const replica of this.replicas) {
      const own = weight(replica.name, key);
      if (own <= most || isSilent(replica, waitedMs)) continue;
      chosen = replica;
      most = own;
    }
    return chosen;
  }

  private add(name: string): Replica {
    const replica = { name, load: 0, heardAt: 0, askedAtMs: undefined };
    this.replicas = [...this.replicas, replica].sort((a, b) => weight(b.name) - weight(a.name));
    return replica;
  }

  private loadOfAll(now: number): number {
    return this.replicas.reduce((sum, { load, heardAt }) => (now - heardAt < loadMs ? sum + load : sum), 0);
  }
}

function isSilent({ askedAtMs }: Replica, waitedMs: number): boolean {
  return askedAtMs !== undefined && waitedMs - askedAtMs > silenceMs;
}

/** FNV-1a with the last mixing step of MurmurHash3: 32 bits, spread evenly also where only the last characters differ. */
function weight(...texts: readonly string[]): number {
  let value = 0x811c9dc5;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
