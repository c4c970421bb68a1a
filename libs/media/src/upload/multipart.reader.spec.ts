import { type AppError } from '@parley/errors';
import { boundaryOf, MultipartReader } from './multipart.reader';

interface ReadPart {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(form: string | Buffer, boundary: string, size = 1 << 20): Promise<ReadPart[]> {
  const parts: ReadPart[] = [];
  const bytes = typeof form === 'string' ? Buffer.from(form, 'latin1') : form;
  for await (const { name, fileName, contentType, body } of new MultipartReader(
    inPieces(bytes, size),
    boundary,
  ).parts()) {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    parts.push({ name, fileName, contentType, body: Buffer.concat(chunks).toString('latin1') });
  }
  return parts;
}

const part = (headers: string, body: string) => `--x\r\n${headers}\r\n\r\n${body}\r\n`;
const filePart = (disposition: string) => part(`content-disposition: form-data; ${disposition}`, 'x');

describe('the reader of forms', () => {
  it('reads what browsers write, however it is cut', async () => {
    const form = new FormData();
    form.append('duration', '3.5');
    form.append('file', new Blob([Buffer.from([0, 13, 10, 45, 45, 255])], { type: 'audio/wav' }), 'größe "1".wav');
    form.append('file', new Blob([''], { type: 'text/plain' }), 'empty.txt');
    const response = new Response(form);
    const boundary = boundaryOf(response.headers.get('content-type') ?? '');
    const bytes = Buffer.from(await response.arrayBuffer());
    const expected = [
      { name: 'duration', fileName: undefined, contentType: undefined, body: '3.5' },
      { name: 'file', fileName: 'größe "1".wav', contentType: 'audio/wav', body: '\0\r\n--\u00ff' },
      { name: 'file', fileName: 'empty.txt', contentType: 'text/plain', body: '' },
    ];
    for (let size = 1; size < 80; size++) expect(await read(bytes, boundary, size)).toEqual(expected);
    expect(await read(bytes, boundary)).toEqual(expected);
  });

  it('takes for content what only begins like its boundary', async () => {
    const body = 'a\r\n--xy\r\n--x-\r\n-- x\r\n\r\n--';
    const form = `before\r\n${part('content-disposition: form-data; name="a"', body)}--x--\r\nafter`;
    for (let size = 1; size < 40; size++) {
      expect((await read(form, 'x', size)).map((each) => each.body)).toEqual([body]);
    }
  });

  it('is not slowed down by content that is full of what only begins like its boundary', async () => {
    const body = '\r\n--xy'.repeat(700_000);
    const form = `${part('content-disposition: form-data; name="a"', body)}--x--`;
    expect((await read(form, 'x', 65_536))[0]?.body).toHaveLength(body.length);
  });

  it('allows blanks behind a boundary, and parts without headers', async () => {
    const form = `--x  \t\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x\r\n\r\n2\r\n--x--`;
    expect((await read(form, 'x')).map(({ name, body }) => [name, body])).toEqual([
      ['a', '1'],
      ['', '2'],
    ]);
  });

  it('skips what nobody reads of a part', async () => {
    const reader = new MultipartReader(
      inPieces(Buffer.from(`${filePart('name="a"')}${filePart('name="b"')}--x--`), 3),
      'x',
    );
    const names: string[] = [];
    for await (const { name } of reader.parts()) names.push(name);
    expect(names).toEqual(['a', 'b']);
  });

  it.each([
    ['name="file"; filename="a\\"b.txt"', 'a"b.txt'],
    ['name="file"; filename="a%22b.txt"', 'a"b.txt'],
    ['name="file"; filename="C:\\fakepath\\a.txt"', 'C:\\fakepath\\a.txt'],
    ['name="file"; filename=plain.txt', 'plain.txt'],
    ['name="file"; filename=""', ''],
    ['name="file"; filename="fallback.txt"; filename*=UTF-8\'\'na%C3%AFve.txt', 'naïve.txt'],
    ['name="file"; filename*=UTF-8\'\'%ZZ', undefined],
    ['name="file"; filename="a;b=c.txt"', 'a;b=c.txt'],
    ['name="file"; filename="one.txt"; filename="two.txt"', 'one.txt'],
  ])('reads the name in %s', async (disposition, fileName) => {
    expect((await read(`${filePart(disposition)}--x--`, 'x'))[0]?.fileName).toBe(fileName);
  });

  it.each(['', '--x', '--x\r\n', '--x\r\na: b\r\n\r\nbody', '--x\r\na: b\r\n\r\nbody\r\n--x', 'nothing of the kind'])(
    'refuses %j, which ends too early',
    async (form) => {
      await expect(read(form, 'x')).rejects.toMatchObject({ code: 'malformed_request' });
    },
  );

  it('asks for no more than is read', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name=a\r\n\r\n');
      for (; ; given++) yield Buffer.alloc(1_000);
    }
    for await (const { body } of new MultipartReader(endless(), 'x').parts()) {
      for await (const chunk of body) if (chunk.length > 0) break;
      break;
    }
    expect(given).toBeLessThan(3);
  });
});

describe('the boundary of a form', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data;charset=utf-8; BOUNDARY="a b"', 'a b'],
  ])('in %s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });

  it.each([
    ['', 'unsupported_media_type'],
    ['text/plain; boundary=x', 'unsupported_media_type'],
    ['multipart/mixed; boundary=x', 'unsupported_media_type'],
    ['multipart/form-data', 'malformed_request'],
    ['multipart/form-data; boundary=', 'malformed_request'],
    [`multipart/form-data; boundary=${'x'.repeat(71)}`, 'malformed_request'],
  ])('is not in %j', (contentType, code) => {
    expect(() => boundaryOf(contentType)).toThrow(expect.objectContaining({ code }) as AppError);
  });
});
