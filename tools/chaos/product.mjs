// The TypeScript that the tool shares with the tests: clients, devices, the checker, the embedded PostgreSQL.
import { load } from '../bundle.mjs';

export const { Device, freePort, judge, plainClient, signToken, socketIoClient } =
  await load('libs/testing/src/index.ts');
export const { PostgresServer } = await load('libs/database/src/embedded/postgres.server.ts');
