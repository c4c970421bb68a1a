import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { finished } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { FileAccessConfig } from '@parley/config';
import { AttachmentView } from '@parley/contracts';
import { AppError, isErrorCode, type Issue } from '@parley/errors';
import { signRequest, Signer } from '@parley/signing';
import { z } from 'zod';
import { type DownloadAnswer, type DownloadRequest, MediaTransport, type UploadRequest } from './media.transport';

/** How long a connection may be silent: the service may have to look at large pictures of others first. In milliseconds. */
const silenceTimeoutMs = 90_000;
const probeTimeoutMs = 400;

/** What of a client's request the service has to know. */
const passedOn = ['range', 'if-range', 'if-none-match'];
/** What of the service's answer the client gets. */
const passedBack = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'etag',
  'last-modified',
  'x-content-type-options',
];

const Uploaded = z.object({ files: z.array(AttachmentView) });
const Refused = z.object({
  code: z.string(),
  detail: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

type Headers = Readonly<Record<string, string | number>>;

/** Media processes of the cluster, over HTTP requests that this gateway signs. */
export class HttpMediaTransport extends MediaTransport {
  private readonly signer: Signer;
  private readonly isSecure: boolean;
  private readonly agent: HttpAgent;

  constructor(private readonly config: FileAccessConfig) {
    super();
    this.signer = new Signer(config.secret, 'parley:media-requests');
    this.isSecure = config.mediaUrl.startsWith('https:');
    this.agent = this.isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  async upload({ body, contentType, contentLength, ...to }: UploadRequest): Promise<AttachmentView[]> {
    const query = new URLSearchParams({ uploader_id: to.uploaderId, conversation_id: to.conversationId });
    if (to.kind !== undefined) query.set('kind', to.kind);
    const length = contentLength === undefined ? {} : { 'content-length': contentLength };
    const request = this.open('POST', `/internal/files?${query.toString()}`, {
      'content-type': contentType,
      ...length,
    });
    // A client that goes away takes its upload with it.
    const forget = finished(body, { writable: false }, (error) => error && request.destroy(error));
    body.pipe(request);
    try {
      const answer = await answerOf(request);
      const parsed = Uploaded.safeParse(await readJson(answer));
      if (!parsed.success) throw new AppError('internal_error', { cause: parsed.error });
      return parsed.data.files;
    } finally {
      forget();
      body.unpipe(request);
      // Refused before all was sent: the rest is of no use there.
      if (!request.writableFinished) request.destroy();
    }
  }

  async download({ fileId, variant, userId, isHead, headers }: DownloadRequest): Promise<DownloadAnswer> {
    const query = userId === null ? '' : `?${new URLSearchParams({ user_id: userId }).toString()}`;
    const conditions = passedOn.flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name]] as const],
    );
    const target = `/internal/files/${fileId}/${variant}${query}`;
    const request = this.open(isHead ? 'HEAD' : 'GET', target, Object.fromEntries(conditions));
    request.end();
    const answer = await answerOf(request);
    const passed = passedBack.flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    const hasBody = !isHead && (answer.statusCode === 200 || answer.statusCode === 206);
    if (!hasBody) answer.resume();
    return { status: answer.statusCode ?? 500, headers: Object.fromEntries(passed), body: hasBody ? answer : null };
  }

  async isUp(): Promise<boolean> {
    const answer = await fetch(new URL('/health', this.config.mediaUrl), {
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    return ((await answer.json()) as { status?: unknown }).status === 'healthy';
  }

  /** Ends the connections that are kept open. */
  close(): void {
    this.agent.destroy();
  }

  private open(method: string, path: string, headers: Headers): ClientRequest {
    const url = new URL(path, this.config.mediaUrl);
    const target = url.pathname + url.search;
    const options = {
      method,
      agent: this.agent,
      headers: { ...headers, ...signRequest(this.signer, { method, target }) },
    };
    const request = this.isSecure ? httpsRequest(url, options) : httpRequest(url, options);
    request.setTimeout(silenceTimeoutMs, () => request.destroy(new Error('The media service is silent')));
    return request;
  }
}

/**
 * The answer to a request, once it begins.
 *
 * @throws AppError the one that the service answered with, `service_unavailable` where it did not.
 */
async function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    // Also after the answer: the service may close while the last of an upload it refused is still on its way.
    request.on('error', (cause) => reject(new AppError('service_unavailable', { cause })));
  });
  if ((answer.statusCode ?? 500) < 400 || answer.statusCode === 416) return answer;
  throw refusalOf(await readJson(answer).catch(() => undefined), answer.statusCode);
}

async function readJson(answer: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(answer));
  } catch (cause) {
    throw new AppError('service_unavailable', { cause });
  }
}

/** A HEAD has no body: what it was refused for is told by the status alone. */
function refusalOf(body: unknown, status: number | undefined): AppError {
  const refused = Refused.safeParse(body);
  if (!refused.success || !isErrorCode(refused.data.code)) {
    if (status === 404) return new AppError('file_not_found');
    if (status === 403) return new AppError('not_a_participant');
    return new AppError('service_unavailable', { cause: new Error(`The media service answered ${status}`) });
  }
  const { code, detail, issues } = refused.data;
  // A request that the service does not know for ours is a mistake of the deployment, and not of the client.
  if (code === 'invalid_token') {
    const cause = new Error('MEDIA_SECRET differs, or the clocks are more than a minute apart');
    return new AppError('internal_error', { cause });
  }
  return new AppError(code, { detail, issues: issues as readonly Issue[] | undefined });
}
