// Short, so that a run need not wait long until what is gone is noticed.

/** The users of a gateway that died are offline after this time. */
export const leaseMs = 6_000;
/** Over this time a gateway that ends sends its sockets away. */
export const drainMs = 2_000;

/** What all processes are told of it. */
export const shortTimes = {
  PRESENCE_LEASE_MS: `${leaseMs}`,
  PRESENCE_REFRESH_MS: `${leaseMs / 3}`,
  WS_PING_INTERVAL_MS: '2000',
  WS_PING_TIMEOUT_MS: '3000',
  DRAIN_SECONDS: `${drainMs / 1_000}`,
};
