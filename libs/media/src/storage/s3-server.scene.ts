import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig, MediaConfig } from '@parley/config';
import { freePort } from '@parley/testing';

const bucket = 'files';
/** How the server names the files that hold objects. */
const objectSuffix = '._S3rver_object';
const pollMs = 25;

/** A real S3 server with one bucket, as a process of its own. */
export class S3Server {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** http:// */
    readonly endpoint: string,
  ) {}

  static async start(): Promise<S3Server> {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-s3-'));
    const port = await freePort();
    const program = createRequire(__filename).resolve('s3rver/bin/s3rver.js');
    const options = ['-a', '127.0.0.1', '-p', String(port), '-d', folder, '-s', '--configure-bucket', bucket];
    const child = spawn(process.execPath, [program, ...options], { stdio: 'ignore' });
    process.once('exit', () => child.kill());
    const server = new S3Server(child, folder, `http://127.0.0.1:${port}`);
    await server.answers();
    return server;
  }

  /** What a process needs to use it. */
  get environment(): Record<string, string> {
    return {
      MEDIA_STORAGE: 's3',
      S3_ENDPOINT: this.endpoint,
      S3_BUCKET: bucket,
      S3_ACCESS_KEY_ID: 'S3RVER',
      S3_SECRET_ACCESS_KEY: 'S3RVER',
    };
  }

  get config(): MediaConfig {
    return loadConfig([MediaConfig], this.environment).media;
  }

  /** The keys of all that it holds, in order. */
  async keys(): Promise<string[]> {
    const files = await readdir(path.join(this.folder, bucket), { recursive: true });
    const objects = files.filter((file) => file.endsWith(objectSuffix));
    return objects.map((file) => file.slice(0, -objectSuffix.length)).sort();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    for (;;) {
      if (this.child.exitCode !== null) throw new Error('The S3 server ended while starting');
      const answer = await fetch(this.endpoint).catch(() => undefined);
      if (answer) return;
      await delay(pollMs);
    }
  }
}
