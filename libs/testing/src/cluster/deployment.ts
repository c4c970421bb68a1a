/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Parley running for a test: the built bundles as real processes, with storage of their own. */
export interface Deployment {
  readonly kind: 'standalone' | 'cluster';
  /** http:// URLs of the servers that clients may call. */
  readonly urls: readonly string[];
  /** Signs the tokens that it accepts. */
  readonly secret: string;
  /** The names of its processes, of one app or of all: `standalone`; `gateway-1`, `messaging-2`. */
  names(app?: string): readonly string[];
  url(name: string): string;
  /** Sends a signal. @returns how the process ended, once it has. */
  kill(name: string, signal: NodeJS.Signals): Promise<Exit>;
  /** Starts a process that has ended again, at the same port. @returns once it is healthy. */
  restart(name: string): Promise<void>;
  /** What a process has printed since the deployment began. */
  output(name: string): string;
  /** Stops all processes and removes all that they have stored. */
  stop(): Promise<void>;
}
