import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { FileAccessConfig, loadConfig } from '@parley/config';
import { ConversationId, FileId, UserId } from '@parley/contracts';
import { isRequestSigned, Signer } from '@parley/signing';
import { anAttachment } from '@parley/testing';
import { HttpMediaTransport } from './http-media.transport';

const secret = 'a secret of this suite';
const [uploaderId, conversationId] = [UserId.parse('al ice&'), ConversationId.parse('1')];
const fileId = FileId.parse('00000000-0000-4000-8000-000000000001');
const download = { fileId, variant: 'original', userId: uploaderId, isHead: false, headers: {} } as const;
const form = { uploaderId, conversationId, contentType: 'multipart/form-data; boundary=x' };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe('the way to the media service', () => {
  let server: Server;
  let handle: Handler;
  let transport: HttpMediaTransport;

  beforeAll(async () => {
    server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const env = { MEDIA_SECRET: secret, MEDIA_URL: `http://127.0.0.1:${port}` };
    transport = new HttpMediaTransport(loadConfig([FileAccessConfig], env).fileAccess);
  });
  afterAll(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });

  const refuse = (response: ServerResponse, status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it('passes a form on as it comes, signed, and its answer back', async () => {
    const seen: unknown[] = [];
    handle = (request, response) => {
      const { method = '', url: target = '', headers } = request;
      const isSigned = isRequestSigned(new Signer(secret, 'parley:media-requests'), { method, target }, headers);
      void buffer(request).then((body) => {
        seen.push(isSigned, target, headers['content-type'], body.toString());
        refuse(response, 201, { files: [anAttachment()] });
      });
    };
    const body = Readable.from([Buffer.from('one '), Buffer.from('two')], { objectMode: false });
    await expect(transport.upload({ ...form, kind: 'image', body })).resolves.toEqual([anAttachment()]);
    const target = '/internal/files?uploader_id=al+ice%26&conversation_id=1&kind=image';
    expect(seen).toEqual([true, target, form.contentType, 'one two']);
  });

  it('tells why an upload was refused while it is still sent, and leaves the rest of it', async () => {
    handle = (_request, response) => refuse(response, 413, { code: 'file_too_large', detail: 'Too large' });
    const body = new PassThrough();
    body.write('a beginning');
    await expect(transport.upload({ ...form, body })).rejects.toMatchObject({
      code: 'file_too_large',
      message: 'Too large',
    });
    expect(body.destroyed).toBe(false);
    body.destroy();
  });

  it('gives up an upload whose client goes away', async () => {
    const body = new PassThrough();
    body.write('a beginning');
    const aborted = new Promise((resolve) => {
      handle = (request) => {
        request.once('close', resolve).resume();
        body.destroy();
      };
    });
    const upload = transport.upload({ ...form, body });
    await expect(upload).rejects.toMatchObject({ code: 'service_unavailable' });
    await aborted;
  });

  it('passes conditions on, and only the headers back that are meant for clients', async () => {
    let asked: unknown;
    handle = ({ headers: { range, authorization, cookie } }, response) => {
      asked = { range, authorization, cookie };
      response.writeHead(206, { 'content-range': 'bytes 0-1/9', etag: '"x"', 'set-cookie': 'a=b', server: 'inside' });
      response.end('ab');
    };
    const headers = { range: 'bytes=0-1', authorization: 'Bearer x', cookie: 'a=b' };
    const answer = await transport.download({ ...download, headers });
    expect(asked).toEqual({ range: 'bytes=0-1', authorization: undefined, cookie: undefined });
    expect(answer).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 0-1/9', etag: '"x"' } });
    expect(Object.keys(answer.headers).sort()).toEqual(['content-range', 'etag']);
    expect(answer.body && (await buffer(answer.body)).toString()).toBe('ab');
  });

  it.each([
    ['a code of the catalogue', 403, { code: 'not_a_participant', detail: 'No' }, 'not_a_participant'],
    ['a code that is newer than this process', 400, { code: 'of_tomorrow', detail: 'No' }, 'service_unavailable'],
    ['no answer of ours', 502, '<html>', 'service_unavailable'],
    ['another secret', 401, { code: 'invalid_token', detail: 'No' }, 'internal_error'],
  ])('takes %s for what it is', async (_, status, body, code) => {
    handle = (_request, response) => refuse(response, status, body);
    await expect(transport.download(download)).rejects.toMatchObject({ code });
  });

  it('is unavailable where nobody listens, or the connection breaks', async () => {
    handle = (request) => void request.socket.destroy();
    await expect(transport.download(download)).rejects.toMatchObject({ code: 'service_unavailable' });
    const env = { MEDIA_SECRET: secret, MEDIA_URL: 'http://127.0.0.1:1' };
    const nowhere = new HttpMediaTransport(loadConfig([FileAccessConfig], env).fileAccess);
    await expect(nowhere.download(download)).rejects.toMatchObject({ code: 'service_unavailable' });
    const body = Readable.from([Buffer.from('x')], { objectMode: false });
    await expect(nowhere.upload({ ...form, body })).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
