// What the cluster and its processes are configured with. All that is wrong is known before any process starts, and said once.
import { stop } from 'esbuild';
import { load } from '../bundle.mjs';
import { localHost } from './app-process.mjs';

/** Gateways listen on PORT and up, the other processes from PORT + `othersOffset` on: as many as are allowed do not meet. */
export const othersOffset = 100;

async function clusterSlice() {
  const { defineSlice } = await load('libs/config/src/slice.ts');
  const { anyText, flag, integer } = await load('libs/config/src/values.ts');
  const count = integer(1, othersOffset);
  const host = anyText.refine((text) => URL.canParse(`http://${localHost(text)}`), 'must be a host name or an address');
  return defineSlice('cluster', {
    host: { env: 'HOST', schema: host, default: '127.0.0.1' },
    // Below the last port there is room for all processes.
    port: { env: 'PORT', schema: integer(1, 65_000), default: '8000' },
    gateways: { env: 'GATEWAYS', schema: count, default: '2' },
    messaging: { env: 'MESSAGING', schema: count, default: '2' },
    presence: { env: 'PRESENCE', schema: count, default: '1' },
    media: { env: 'MEDIA', schema: count, default: '1' },
    restart: { env: 'RESTART', schema: flag, default: 'false' },
    stateFile: { env: 'CLUSTER_STATE_FILE', schema: anyText },
  });
}

/**
 * Reads `env` as all processes of the cluster will: between them they use every slice but the standalone server's.
 *
 * @returns {Promise<{ cluster: object, auth: object, problems: string[] }>} the values, unless there are problems
 */
export async function readConfiguration(env) {
  const { loadConfig, ConfigError, ...exported } = await load('libs/config/src/index.ts');
  const cluster = await clusterSlice();
  // Its process would stay for as long as this one.
  await stop();
  const isSlice = (value) => value?.variables !== undefined && value !== exported.StandaloneConfig;
  const problems = [];
  const read = (slices, variables) => {
    try {
      return loadConfig(slices, variables);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return {};
    }
  };
  const values = {
    ...read([cluster], env),
    // Each process is given a port of its own.
    ...read(Object.values(exported).filter(isSlice), { ...env, PORT: undefined }),
  };
  return { ...values, problems: problems.length > 0 ? new ConfigError(problems).message.split('\n') : [] };
}
