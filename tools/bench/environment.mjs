// What the servers under test are told, and nothing else: a variable of Parley's in this shell must not change a figure.
const passedOn = [
  'NODE_OPTIONS',
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'LANG',
  'SystemRoot',
  'LD_LIBRARY_PATH',
  'NODE_EXTRA_CA_CERTS',
];

/** @param {Record<string, string>} own */
export function serverEnvironment(own) {
  const shell = Object.fromEntries(
    passedOn.filter((name) => name in process.env).map((name) => [name, process.env[name]]),
  );
  return { ...shell, NODE_ENV: 'production', RATE_LIMITS: 'off', ...own };
}

/** The backing services of the cluster. */
export function backingServices({ NATS_URL, REDIS_URL, REDIS_HOST, REDIS_PORT, DATABASE_URL } = process.env) {
  return {
    natsUrl: NATS_URL || 'nats://127.0.0.1:4222',
    redisUrl: REDIS_URL || `redis://${REDIS_HOST || '127.0.0.1'}:${REDIS_PORT || 6379}`,
    databaseServer: DATABASE_URL || 'postgresql://postgres@127.0.0.1:5432/postgres',
  };
}
