import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the range from which systems pick the ports of outgoing connections: those cannot take it before the server does.
const firstPort = 20_000;
const endOfPorts = 32_000;
/** The ports of one of Jest's workers; of more than eight, some share theirs. */
const shareOfWorker = 1_500;
/** At the end of each share, for who also takes some of the ports that follow the one it was given. */
const reserve = 200;

const shares = (endOfPorts - firstPort) / shareOfWorker;
const beginning = firstPort + (Number(process.env['JEST_WORKER_ID'] ?? 0) % shares) * shareOfWorker;
const count = shareOfWorker - reserve;
let next = randomInt(count);

/**
 * A port of 127.0.0.1 that nobody listens on, and that nobody else is given meanwhile: neither another worker nor another
 * caller in this one, also while its server is still starting, or down for a moment.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = beginning + (next++ % count);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
