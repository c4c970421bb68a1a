// What a run borrows from the backing services, under a name of its own, and gives back.
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';

/** @returns {Promise<string>} the URL of a new, empty database on the server of `serverUrl` */
export async function createDatabase(serverUrl, name, resources) {
  await onServer(serverUrl, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  resources.defer(`database ${name}`, () =>
    onServer(serverUrl, (client) => client.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`)),
  );
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(serverUrl, work) {
  const url = new URL(serverUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Streams bear the subject prefix in capitals. */
export async function deleteStreams(natsUrl, subjectPrefix) {
  const connection = await connect({ servers: natsUrl });
  try {
    const manager = await jetstreamManager(connection);
    const names = [];
    for await (const { config } of manager.streams.list()) names.push(config.name);
    const prefix = subjectPrefix.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
    for (const name of names.filter((each) => each.startsWith(prefix))) await manager.streams.delete(name);
  } finally {
    await connection.close();
  }
}

export async function deleteKeys(redisUrl, keyPrefix) {
  const redis = new Redis(redisUrl);
  try {
    for await (const keys of redis.scanStream({ match: `${keyPrefix}*`, count: 500 })) {
      if (keys.length > 0) await redis.unlink(keys);
    }
  } finally {
    redis.disconnect();
  }
}
