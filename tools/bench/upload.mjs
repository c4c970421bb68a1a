// Many large uploads at once: how fast they go, and how much memory the processes need for it.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { RestClient } from './rest-client.mjs';

const mebibyte = 1_048_576;
const chunk = Buffer.alloc(65_536, ' ');
const boundary = 'bench';
const samplingMs = 20;

/** `count` uploads of `megabytes` each at the same time, over the deployment's gateways in turn. */
export async function measureUploads({ deployment, issuer, options }) {
  const { uploads: count, megabytes } = options;
  const rest = new RestClient(issuer);
  const userIds = Array.from({ length: count }, (_, index) => `uploader-${index}`);
  await rest.createUsers(deployment.ports[0], [...userIds, 'reader']);
  const plan = await Promise.all(
    userIds.map(async (userId, index) => {
      const port = deployment.ports[index % deployment.ports.length];
      const body = { type: 'direct', participant_ids: ['reader'] };
      return { port, token: issuer.issue(userId), conversationId: await rest.createConversation(port, userId, body) };
    }),
  );
  const memory = new MemorySampler(deployment.pids);
  const startedAt = performance.now();
  const outcomes = await Promise.all(plan.map((each) => upload(each, megabytes * mebibyte)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const failures = outcomes
    .filter(({ status }) => status !== 201)
    .map(({ status, text }) => `${deployment.name}: an upload answered ${status}: ${text.slice(0, 300)}`);
  return { name: deployment.name, count, megabytes, seconds, memory: memory.stop(), failures };
}

/** A PDF as far as its first bytes tell, of exactly this size; made while it is sent. */
async function upload({ port, token, conversationId }, bytes) {
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.pdf"\r\n` +
      `content-type: application/pdf\r\n\r\n%PDF-1.4\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const filler = bytes - '%PDF-1.4\n'.length;
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: `/api/conversations/${conversationId}/upload`,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + filler + tail.length,
    },
  });
  const answered = once(outgoing, 'response');
  outgoing.write(head);
  for (let left = filler; left > 0; left -= chunk.length) {
    if (!outgoing.write(left >= chunk.length ? chunk : chunk.subarray(0, left))) await once(outgoing, 'drain');
  }
  outgoing.end(tail);
  const [answer] = await answered;
  let text = '';
  for await (const piece of answer) text += piece;
  return { status: answer.statusCode, text };
}

/** Watches the resident memory of processes, in bytes. */
class MemorySampler {
  #pids;
  #before;
  #peak;
  #timer;

  constructor(pids) {
    this.#pids = pids;
    this.#before = this.#read();
    this.#peak = { ...this.#before };
    this.#timer = setInterval(() => this.#sample(), samplingMs);
  }

  /** @returns {Record<string, { before: number, peak: number }>} by process */
  stop() {
    clearInterval(this.#timer);
    this.#sample();
    return Object.fromEntries(
      Object.keys(this.#pids).map((name) => [name, { before: this.#before[name], peak: this.#peak[name] }]),
    );
  }

  #sample() {
    for (const [name, bytes] of Object.entries(this.#read())) this.#peak[name] = Math.max(this.#peak[name], bytes);
  }

  #read() {
    return Object.fromEntries(Object.entries(this.#pids).map(([name, pid]) => [name, residentBytes(pid)]));
  }
}

/** Linux alone tells without a process for each reading; elsewhere it is 0. */
function residentBytes(pid) {
  if (process.platform !== 'linux') return 0;
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes ?? 0) * 1_024;
}
