import type { HttpConfig } from '@parley/config';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Listens for a moment where Parley is to listen later: what is in the way is told before a database is made.
 *
 * @throws the system's error, which names the address and the port.
 */
export async function probePort({ host, port }: Pick<HttpConfig, 'host' | 'port'>): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
