/** How often a call that could be aimed goes to whichever replica takes it, in milliseconds: so new ones are heard of. */
const lookAroundMs = 1_000;

interface Service {
  /** Those that have answered. */
  readonly replicas: Set<string>;
  /** When the next call is to go to whichever takes it, by `performance.now()`. */
  lookAroundAt: number;
}

/**
 * The replicas of services that are known to answer, and which of them is the one for a key: the same in every process that
 * knows the same ones, and for most keys still the same when one comes or goes.
 */
export class NatsReplicas {
  private readonly services = new Map<string, Service>();

  /** A replica answers. */
  heard(service: string, replica: string): void {
    const known = this.services.get(service);
    if (known) known.replicas.add(replica);
    else this.services.set(service, { replicas: new Set([replica]), lookAroundAt: performance.now() + lookAroundMs });
  }

  /** A replica does not answer, until it is heard again. */
  lost(service: string, replica: string): void {
    this.services.get(service)?.replicas.delete(replica);
  }

  /** @returns undefined where any will do: none is known, or it is time to look around. */
  of(service: string, key: string): string | undefined {
    const known = this.services.get(service);
    if (!known) return undefined;
    const now = performance.now();
    if (now >= known.lookAroundAt) {
      known.lookAroundAt = now + lookAroundMs;
      return undefined;
    }
    return heaviest(known.replicas, key);
  }
}

/** Rendezvous hashing: of all replicas the one that weighs most with the key. */
function heaviest(replicas: Iterable<string>, key: string): string | undefined {
  let chosen: string | undefined;
  let most = -1;
  for (const replica of replicas) {
    const weight = hash(replica, key);
    if (weight > most || (weight === most && chosen !== undefined && replica > chosen)) {
      chosen = replica;
      most = weight;
    }
  }
  return chosen;
}

/** FNV-1a with the last mixing step of MurmurHash3: 32 bits, spread evenly also where only the last characters differ. */
function hash(...texts: readonly string[]): number {
  let value = 0x811c9dc5;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
