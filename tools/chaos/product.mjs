// The TypeScript that the tool shares with the tests: clients, devices, the checker, the embedded PostgreSQL.
import { createRequire } from 'node:module';
import path from 'node:path';
import { bundle, root } from '../bundle.mjs';

const require = createRequire(import.meta.url);

/** A module as CommonJS, inside of node_modules, so that it finds its packages. */
async function load(entry) {
  const outfile = path.join(root, 'node_modules/.cache/parley', `${entry.replaceAll('/', '-')}.cjs`);
  await bundle(entry, outfile);
  return require(outfile);
}

export const { Device, freePort, judge, plainClient, signToken, socketIoClient } =
  await load('libs/testing/src/index.ts');
export const { PostgresServer } = await load('libs/database/src/embedded/postgres.server.ts');
