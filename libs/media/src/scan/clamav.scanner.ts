import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { AppError } from '@parley/errors';
import { VirusScanner } from './virus.scanner';

const defaultPort = 3310;
/** How long the daemon may be silent, in milliseconds. */
const timeoutMs = 30_000;
const chunkBytes = 65_536;
const maxAnswerBytes = 4_096;

/** Shows files to a ClamAV daemon, over its INSTREAM command: they need not lie where it can read them. */
export class ClamavScanner extends VirusScanner {
  private readonly host: string;
  private readonly port: number;

  /** @param url tcp:// */
  constructor(url: string) {
    super();
    const { hostname, port } = new URL(url);
    this.host = hostname.replace(/^\[|\]$/g, '');
    this.port = Number(port) || defaultPort;
  }

  async scan(file: string): Promise<void> {
    const answer = await this.ask(file).catch((cause: unknown) => {
      throw new AppError('service_unavailable', { cause });
    });
    if (/\bFOUND$/.test(answer)) throw new AppError('file_infected');
    if (!/\bOK$/.test(answer)) throw new AppError('service_unavailable', { cause: new Error(`ClamAV: ${answer}`) });
  }

  private async ask(file: string): Promise<string> {
    const socket = connect(this.port, this.host);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('ClamAV does not answer')));
    try {
      await once(socket, 'connect');
      const answer = readAnswer(socket);
      await Promise.race([answer, send(socket, file)]);
      return await answer;
    } finally {
      socket.destroy();
    }
  }
}

async function send(socket: Socket, file: string): Promise<void> {
  socket.write('zINSTREAM\0');
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    socket.write(lengthOf(chunk.length));
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.write(lengthOf(0));
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

/** The daemon may answer before it has all, when a file is too large for it. */
async function readAnswer(socket: Socket): Promise<string> {
  let answer = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    answer += chunk.toString('latin1');
    if (answer.includes('\0') || answer.length > maxAnswerBytes) break;
  }
  return answer.split('\0')[0]?.trim() ?? '';
}
