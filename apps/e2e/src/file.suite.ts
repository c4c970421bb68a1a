import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttachmentView, MessageView, ViewedConversation } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import {
  aJpeg,
  anMp3,
  aPdf,
  aPixelBomb,
  aPng,
  aText,
  aWav,
  type Deployment,
  formOf,
  secretPlace,
  type TestFile,
} from '@parley/testing';
import { ChatScene, type Person } from './chat.scene';
import { download, tryUpload, upload, uploadOne } from './file.scene';

interface FilePage {
  readonly files: AttachmentView[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const svg: TestFile = {
  name: 'drawing.svg',
  type: 'image/svg+xml',
  bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
};

/** By how much timers and clocks may differ, in milliseconds. */
const clockStepMs = 20;

/** Uploads, messages with files, and who gets them. */
export function fileSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;
  let mallory: Person;
  let conversation: ViewedConversation;

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
    [mallory] = (await scene.people('mallory')) as [Person];
    conversation = await alice.openGroup([bob]);
  });
  afterAll(() => scene.end());

  const url = (path = '', gateway = 0): string => `${scene.url(gateway)}${path}`;
  const give = (file: TestFile, by = alice): Promise<AttachmentView> => uploadOne(url(), by, conversation.id, file);
  const form = (...files: TestFile[]): FormData => formOf(files);

  /** A file in a message of Alice's. */
  async function sent(file: TestFile): Promise<{ readonly attachment: AttachmentView; readonly message: MessageView }> {
    const attachment = await give(file);
    const message = await alice.send(conversation.id, { content: '', attachment_ids: [attachment.id] });
    return { attachment, message };
  }

  it('shows a file in the message, to everybody and everywhere', async () => {
    const device = await bob.online('socket.io', { gateway: 1 });
    const files = await upload(url(), alice, conversation.id, [aPng(), aPdf()]);
    const ids = files.map(({ id }) => id);
    const message = await alice.send(conversation.id, { content: 'Look', attachment_ids: ids });
    expect(message.attachments).toEqual(files);
    expect((await device.nextEvent('new_message')).message.attachments).toEqual(files);
    expect((await bob.history(conversation.id, 1)).at(-1)?.attachments).toEqual(files);
    device.close();
  });

  it('takes each upload once, from its uploader, in its conversation', async () => {
    const other = await alice.openGroup([bob]);
    const [mine, theirs] = [await give(aText()), await give(aText(), bob)];
    const send = (to: string, attachmentIds: string[]) =>
      alice.rest().post<Problem>(`/api/conversations/${to}/messages`, { content: 'x', attachment_ids: attachmentIds });
    expect(await send(other.id, [mine.id])).toMatchObject({ status: 422, body: { code: 'attachment_not_found' } });
    expect(await send(conversation.id, [theirs.id])).toMatchObject({
      status: 422,
      body: { code: 'attachment_not_found' },
    });
    expect(await send(conversation.id, ['nothing'])).toMatchObject({
      status: 422,
      body: { code: 'attachment_not_found' },
    });
    const answers = await Promise.all([send(conversation.id, [mine.id]), send(conversation.id, [mine.id])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(answers.find(({ status }) => status === 422)?.body.code).toBe('attachment_already_used');
  });

  it.each([
    ['image', aPng(), aPdf()],
    ['voice', aWav(), aPng()],
    ['file', aPdf(), undefined],
  ] as const)('sends a message of type %s with such files, and with no others', async (type, right, wrong) => {
    const send = (attachmentIds: string[]) =>
      alice.rest().post<Problem>(`/api/conversations/${conversation.id}/messages`, {
        content: '',
        message_type: type,
        attachment_ids: attachmentIds,
      });
    expect((await send([])).status).toBe(422);
    if (wrong)
      expect(await send([(await give(wrong)).id])).toMatchObject({
        status: 422,
        body: { code: 'attachment_mismatch' },
      });
    expect((await send([(await give(right)).id])).status).toBe(201);
  });

  it('lists the files of a conversation by kind, newest first, page by page', async () => {
    const group = await alice.openGroup([bob]);
    const names: string[] = [];
    for (const file of [aPdf(), aPng(), aWav(), aText(), anMp3()]) {
      const { id, file_name: name } = await uploadOne(url(), alice, group.id, file);
      await alice.send(group.id, { content: 'x', attachment_ids: [id] });
      names.unshift(name);
    }
    const path = `/api/conversations/${group.id}/files`;
    const all = await bob.rest(1).get<FilePage>(path);
    expect(all.body.files.map(({ file_name: name }) => name)).toEqual(names);
    const voices = await bob.rest().get<FilePage>(`${path}?kind=voice`);
    expect(voices.body.files.map(({ file_name: name }) => name)).toEqual(['voice.mp3', 'voice.wav']);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: FilePage = (await bob.rest().get<FilePage>(`${path}?limit=2${query}`)).body;
      paged.push(...page.files.map(({ file_name: name }) => name));
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(names);
    expect((await mallory.rest().get<Problem>(path)).status).toBe(403);
    expect((await bob.rest().get<Problem>(`${path}?kind=film`)).status).toBe(422);
    expect((await bob.rest().get<Problem>(`${path}?cursor=nonsense`)).status).toBe(422);
  });

  describe('a download', () => {
    it('gives participants the bytes as they were uploaded, for saving', async () => {
      const { attachment } = await sent({ ...aPdf(), name: 'Größe „x“ 大.pdf' });
      const { status, headers, bytes } = await download(url(attachment.url, 1), bob);
      expect(status).toBe(200);
      expect(bytes.equals(aPdf().bytes)).toBe(true);
      expect(headers.get('content-type')).toBe('application/pdf');
      expect(headers.get('content-length')).toBe(String(aPdf().bytes.length));
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="Gr__e _x_ _.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%80%9Ex%E2%80%9C%20%E5%A4%A7.pdf`,
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/sandbox/);
    });

    it('shows pictures and recordings, without what a camera noted', async () => {
      const { attachment } = await sent(aJpeg({ orientation: 6 }));
      for (const path of [attachment.url, attachment.thumbnail_url ?? '']) {
        const { status, headers, bytes } = await download(url(path), bob);
        expect([status, headers.get('content-disposition')?.split(';')[0]]).toEqual([200, 'inline']);
        expect(bytes.includes(secretPlace)).toBe(false);
      }
      expect(attachment).toMatchObject({ width: 8, height: 16, mime_type: 'image/jpeg' });
      const voice = await sent(aWav());
      expect((await download(url(voice.attachment.url), bob)).headers.get('content-disposition')).toMatch(/^inline/);
    });

    it('knows ranges, and what the client has already', async () => {
      const { attachment } = await sent(aText('0123456789'));
      const target = url(attachment.url);
      const part = await download(target, bob, { range: 'bytes=2-4' });
      expect([part.status, part.bytes.toString(), part.headers.get('content-range')]).toEqual([
        206,
        '234',
        'bytes 2-4/10',
      ]);
      const end = await download(target, bob, { range: 'bytes=-3' });
      expect([end.status, end.bytes.toString()]).toEqual([206, '789']);
      const etag = part.headers.get('etag') ?? '';
      const known = await download(target, bob, { 'if-none-match': etag });
      expect([known.status, known.bytes.length, known.headers.get('etag')]).toEqual([304, 0, etag]);
      expect([known.headers.get('content-type'), known.headers.get('content-length')]).toEqual([null, null]);
      expect((await download(target, bob, { range: 'bytes=2-4', 'if-range': '"other"' })).status).toBe(200);
      const head = await download(target, bob, {}, 'HEAD');
      expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([200, '10', 0]);
    });

    it('of a range that the file does not have is refused with a problem and how long it is', async () => {
      const { attachment } = await sent(aText('0123456789'));
      const { status, headers, bytes } = await download(url(attachment.url), bob, { range: 'bytes=10-' });
      expect([status, headers.get('content-range')]).toEqual([416, 'bytes */10']);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(bytes.toString())).toMatchObject({ code: 'range_not_satisfiable', status: 416 });
    });

    it('is for participants alone, as long as they are', async () => {
      const group = await alice.openGroup([bob]);
      const { id } = await uploadOne(url(), alice, group.id, aText());
      await alice.send(group.id, { content: 'x', attachment_ids: [id] });
      const target = url(`/api/files/${id}`);
      expect((await download(target, bob)).status).toBe(200);
      expect((await download(target, mallory)).status).toBe(403);
      expect((await download(target, undefined)).status).toBe(401);
      expect((await alice.rest().call('DELETE', `/api/conversations/${group.id}/participants/${bob.id}`)).status).toBe(
        200,
      );
      expect((await download(target, bob)).status).toBe(403);
      expect((await download(url(`/api/files/${crypto.randomUUID()}`), alice)).status).toBe(404);
      expect((await download(url('/api/files/..%2F..%2Fetc%2Fpasswd'), alice)).status).toBe(404);
    });

    it('is for participants also before the file is sent', async () => {
      const draft = await give(aText());
      expect((await download(url(draft.url), alice)).status).toBe(200);
      expect((await download(url(draft.url), bob)).status).toBe(200);
      expect((await download(url(draft.url), mallory)).status).toBe(403);
    });

    it('ends with its message, for everybody and every link, and the bytes go', async () => {
      const { attachment, message } = await sent(aJpeg());
      const link = await bob.rest().post<{ url: string }>(`/api/files/${attachment.id}/link`, {});
      expect((await download(url(link.body.url), undefined)).status).toBe(200);
      expect((await alice.rest().call('DELETE', `/api/messages/${message.id}`)).status).toBe(200);
      for (const [target, person] of [
        [attachment.url, alice],
        [attachment.url, bob],
        [`${attachment.url}/thumbnail`, bob],
        [link.body.url, undefined],
      ] as const) {
        expect((await download(url(target), person)).status).toBe(404);
      }
      expect((await bob.history(conversation.id)).at(-1)).toMatchObject({ is_deleted: true, attachments: [] });
    });
  });

  describe('a temporary link', () => {
    it('works for whoever has it, until it expires', async () => {
      const { attachment } = await sent(aPng());
      const ask = async (expiresIn: number) => {
        const path = `/api/files/${attachment.id}/link`;
        const answer = await bob.rest().post<{ url: string; expires_at: string }>(path, { expires_in: expiresIn });
        expect(answer.status).toBe(201);
        return answer.body;
      };
      const [lasting, brief] = [await ask(600), await ask(1)];
      await delay(Date.parse(brief.expires_at) + clockStepMs - Date.now());
      expect((await download(url(brief.url), undefined)).status).toBe(403);
      expect((await download(url(lasting.url, 1), undefined)).status).toBe(200);
      expect((await download(url(lasting.url.replace('?', '/thumbnail?')), undefined)).status).toBe(200);
    });

    it('cannot be forged, moved to another file or prolonged', async () => {
      const [one, other] = [await sent(aText()), await sent(aText())];
      const { body } = await bob
        .rest()
        .post<{ url: string }>(`/api/files/${one.attachment.id}/link`, { expires_in: 60 });
      const link = new URL(body.url, url());
      const forge = (change: (forged: URL) => void): string => {
        const forged = new URL(link);
        change(forged);
        return forged.href;
      };
      for (const forged of [
        forge(({ searchParams }) => searchParams.set('signature', 'A'.repeat(43))),
        forge(({ searchParams }) => searchParams.set('signature', '')),
        forge(({ searchParams }) => searchParams.set('expires', '9999999999')),
        forge(({ searchParams }) => searchParams.delete('expires')),
        forge((changed) => (changed.pathname = other.attachment.url)),
      ]) {
        expect((await download(forged, undefined)).status).toBe(403);
        expect((await download(forged, bob)).status).toBe(403);
      }
    });

    it('is given to those who may have the file', async () => {
      const { attachment } = await sent(aText());
      const ask = (person: Person, body: object) =>
        person
          .rest()
          .post<Problem>(`/api/files/${attachment.id}/link`, body)
          .then(({ status }) => status);
      expect(await ask(mallory, {})).toBe(403);
      for (const expiresIn of [0, -1, 1.5, 1e9, 'soon']) expect(await ask(bob, { expires_in: expiresIn })).toBe(422);
      expect(await ask(bob, {})).toBe(201);
    });
  });

  describe('an upload', () => {
    it.each([
      ['by somebody else', () => tryUpload(url(), mallory, conversation.id, form(aText())), 403, 'not_a_participant'],
      [
        'to what never was',
        () => tryUpload(url(), alice, '999999999999', form(aText())),
        404,
        'conversation_not_found',
      ],
      [
        'of a drawing with a script',
        () => tryUpload(url(), alice, conversation.id, form(svg)),
        415,
        'file_type_not_allowed',
      ],
      [
        'of a good file and a bad one',
        () => tryUpload(url(), alice, conversation.id, form(aText(), svg)),
        415,
        'file_type_not_allowed',
      ],
      [
        'of a picture under a wrong name',
        () => tryUpload(url(), alice, conversation.id, form({ ...aPng(), name: 'a.pdf' })),
        415,
        'file_type_not_allowed',
      ],
      ['of a pixel bomb', () => tryUpload(url(), alice, conversation.id, form(aPixelBomb())), 422, 'image_too_large'],
      ['of nothing', () => tryUpload(url(), alice, conversation.id, new FormData()), 422, 'validation_failed'],
      [
        'that is JSON',
        () => tryUpload(url(), alice, conversation.id, '{}', { 'content-type': 'application/json' }),
        415,
        'unsupported_media_type',
      ],
      [
        'of eleven files',
        () => tryUpload(url(), alice, conversation.id, form(...Array.from({ length: 11 }, () => aText()))),
        422,
        'validation_failed',
      ],
    ] as const)('%s is refused', async (_, act, status, code) => {
      expect(await act()).toMatchObject({ status, body: { code } });
    });

    it('above the limit is cut off there, and told why', async () => {
      const large = { ...aPng(), bytes: Buffer.concat([aPng().bytes, Buffer.alloc(20_000_000)]) };
      const answer = await tryUpload(url(), alice, conversation.id, form(large));
      expect(answer).toMatchObject({
        status: 413,
        body: { code: 'file_too_large', detail: 'File too large. Maximum size: 10.0MB' },
      });
      expect((await alice.rest().get('/health')).status).toBe(200);
    });

    it('that never ends is answered, and its connection closed', async () => {
      const { hostname, port } = new URL(url());
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        [
          `POST /api/conversations/${conversation.id}/upload HTTP/1.1`,
          'Host: test',
          `Authorization: Bearer ${alice.token}`,
          'Content-Type: multipart/form-data; boundary=x',
          'Transfer-Encoding: chunked',
          '\r\n',
        ].join('\r\n'),
      );
      const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
      socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
      const length = 1_000_000;
      const chunk = Buffer.from(`${length.toString(16)}\r\n${'a'.repeat(length)}\r\n`);
      let isClosed = false;
      const closed = new Promise<void>((resolve) => {
        socket.once('close', () => {
          isClosed = true;
          resolve();
        });
      });
      for (let sent = 0; !isClosed && sent < 400; sent++) {
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
      }
      await closed;
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer).toContain('file_too_large');
    });

    it('that breaks off leaves the service as it was', async () => {
      const abort = new AbortController();
      const body = new ReadableStream({
        start(controller) {
          const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf';
          controller.enqueue(new TextEncoder().encode(part));
          setTimeout(() => abort.abort(), 100);
        },
      });
      const request = fetch(url(`/api/conversations/${conversation.id}/upload`), {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'multipart/form-data; boundary=x' },
        body,
        duplex: 'half',
        signal: abort.signal,
      });
      await expect(request).rejects.toThrow();
      expect((await give(aText())).kind).toBe('file');
    });
  });
}
