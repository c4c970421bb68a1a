import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  aCompoundFile,
  aDoc,
  aDocx,
  aGif,
  aJpeg,
  anMp3,
  anOgg,
  anXls,
  anXlsx,
  aPdf,
  aPixelBomb,
  aPng,
  aRar,
  aText,
  aWav,
  aWebm,
  aWebp,
  aZip,
  secretPlace,
  type TestFile,
} from '@parley/testing';
import sharp from 'sharp';
import { MediaScene } from '../media.scene';

const text = (name: string, type: string, content: string): TestFile => ({ name, type, bytes: Buffer.from(content) });
const html = '<!doctype html><script>alert(1)</script>';
const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';

describe('an upload', () => {
  let scene: MediaScene;

  beforeAll(async () => {
    scene = await MediaScene.start();
  });
  afterAll(() => scene.close());
  afterEach(async () => {
    await scene.database.query('', 'DELETE FROM files');
  });

  /** All files that are kept, as bytes. */
  async function storedBytes(): Promise<Buffer[]> {
    return Promise.all((await scene.storedFiles()).map((file) => readFile(file)));
  }

  it.each([
    [aJpeg(), 'image/jpeg', 'image'],
    [aPng(), 'image/png', 'image'],
    [aGif(), 'image/gif', 'image'],
    [aWebp(), 'image/webp', 'image'],
    [aPdf(), 'application/pdf', 'file'],
    [aDoc(), 'application/msword', 'file'],
    [anXls(), 'application/vnd.ms-excel', 'file'],
    [aDocx(), 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'file'],
    [anXlsx(), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'file'],
    [aText(), 'text/plain', 'file'],
    [aText('BMW: a text that begins like a bitmap'), 'text/plain', 'file'],
    [aText('\u{feff}Größe, 大きさ, 👍\r\n\tand so on'), 'text/plain', 'file'],
    [aZip(), 'application/zip', 'file'],
    [aRar(), 'application/vnd.rar', 'file'],
    [aWav(), 'audio/wav', 'voice'],
    [anMp3(), 'audio/mpeg', 'voice'],
    [anOgg(), 'audio/ogg', 'voice'],
    [aWebm({ seconds: 3 }), 'audio/webm', 'voice'],
  ] as const)('of $name is told by its bytes', async (file, mimeType, kind) => {
    const { id, ...attachment } = await scene.uploadOne({ ...file, type: 'application/octet-stream' });
    expect(attachment).toMatchObject({ file_name: file.name, mime_type: mimeType, kind, url: `/api/files/${id}` });
    expect((await scene.uploadOne(file)).mime_type).toBe(mimeType);
  });

  it.each([
    ['a page', text('page.html', 'text/html', html)],
    ['a page that says it is a picture', text('photo.png', 'image/png', html)],
    ['a page that says it is a text', text('notes.txt', 'text/plain', `\n  ${html}`)],
    ['a drawing with a script', text('drawing.svg', 'image/svg+xml', svg)],
    ['a drawing that says it is a text', text('drawing.txt', 'text/plain', svg)],
    ['XML', text('data.txt', 'text/plain', '<?xml version="1.0"?><a/>')],
    ['a script of a shell', text('run.txt', 'text/plain', '#!/bin/sh\necho')],
    ['a program', { name: 'setup.zip', type: 'application/zip', bytes: Buffer.from(`MZ\x90\0${'\0'.repeat(80)}PE`) }],
    ['bytes that are nothing', { name: 'notes.txt', type: 'text/plain', bytes: Buffer.from([1, 2, 3, 0xff, 0]) }],
    ['a text that is no UTF-8', { name: 'notes.txt', type: 'text/plain', bytes: Buffer.from([0x61, 0xe9, 0x61]) }],
    ['a picture with an archive behind it', { ...aPdf(), bytes: Buffer.concat([aPdf().bytes, aZip().bytes]) }],
    ['an installer in the format of old documents', { ...aDoc(), bytes: aCompoundFile('!Installer') }],
    ['an archive of Java', { ...aZip({ 'META-INF/MANIFEST.MF': 'Main-Class: Evil' }) }],
    ['a picture that is called a page', { ...aPng(), name: 'photo.html' }],
    ['a picture whose header says it is a page', { ...aPng(), type: 'text/html' }],
    ['a picture that is called another kind of picture', { ...aPng(), name: 'photo.jpg' }],
    ['an archive that is called a document', { ...aZip(), name: 'letter.docx' }],
    ['a film', aWebm({ seconds: 3, isFilm: true })],
  ] as const)('of %s is refused, and nothing is kept', async (_, file) => {
    const before = await scene.storedFiles();
    await expect(scene.upload([file])).rejects.toMatchObject({ code: 'file_type_not_allowed' });
    expect(await scene.storedFiles()).toEqual(before);
    expect(await scene.countRows()).toBe(0);
  });

  it.each([
    ['a picture of more pixels than it may have', aPixelBomb(), 'image_too_large'],
    ['a picture that ends in the middle', { ...aJpeg(), bytes: aJpeg().bytes.subarray(0, 200) }, 'file_damaged'],
    ['an empty file', aText(''), 'file_damaged'],
    [
      'a picture above 10 MB',
      { ...aPng(), bytes: Buffer.concat([aPng().bytes, Buffer.alloc(10_485_760)]) },
      'file_too_large',
    ],
    [
      'a document above 50 MB',
      { ...aPdf(), bytes: Buffer.concat([aPdf().bytes, Buffer.alloc(52_428_800)]) },
      'file_too_large',
    ],
  ] as const)('of %s is refused', async (_, file, code) => {
    await expect(scene.upload([file])).rejects.toMatchObject({ code });
    expect(await scene.countRows()).toBe(0);
  });

  it('leaves nothing of what a camera noted, and turns the picture upright', async () => {
    const before = await scene.storedFiles();
    const { width, height } = await scene.uploadOne(aJpeg({ orientation: 6 }));
    await scene.uploadOne(aPng());
    expect([width, height]).toEqual([8, 16]);
    const stored = (await scene.storedFiles()).filter((file) => !before.includes(file));
    expect(stored).toHaveLength(4);
    for (const file of stored) {
      const bytes = await readFile(file);
      expect(bytes.includes(secretPlace)).toBe(false);
      const { orientation, exif, iptc, xmp } = await sharp(bytes).metadata();
      expect([orientation ?? 1, exif, iptc, xmp]).toEqual([1, undefined, undefined, undefined]);
    }
  });

  it('cuts off what hangs on a picture', async () => {
    const polyglot = { ...aGif(), bytes: Buffer.concat([aGif().bytes, Buffer.from('<script>alert(1)</script>')]) };
    await scene.uploadOne(polyglot);
    for (const bytes of await storedBytes()) expect(bytes.includes('<script>')).toBe(false);
  });

  it('makes a thumbnail of every picture, and a compressed variant of one where that saves', async () => {
    const pixels = Buffer.from(
      Array.from({ length: 900 * 600 * 3 }, (_, i) => 128 + 100 * Math.sin(i / 977) + (i % 7)),
    );
    const bytes = await sharp(pixels, { raw: { width: 900, height: 600, channels: 3 } })
      .png()
      .toBuffer();
    const large = await scene.uploadOne({ name: 'large.png', type: 'image/png', bytes: Buffer.from(bytes) });
    expect(large).toMatchObject({
      width: 900,
      height: 600,
      thumbnail_url: `/api/files/${large.id}/thumbnail`,
      compressed_url: `/api/files/${large.id}/compressed`,
    });
    const small = await scene.uploadOne(aWebp());
    expect([small.thumbnail_url, small.compressed_url]).toEqual([`/api/files/${small.id}/thumbnail`, null]);
    expect(await scene.uploadOne(aPdf())).toMatchObject({ thumbnail_url: null, compressed_url: null, width: null });
  });

  it('measures a recording, and tells the loudness of one that needs no decoding', async () => {
    const wav = await scene.uploadOne(aWav({ seconds: 2 }), { duration: '2.3' });
    expect(wav).toMatchObject({ kind: 'voice', duration: 2 });
    expect(wav.waveform).toHaveLength(64);
    expect(wav.waveform?.[0]).toBeLessThan(5);
    expect(wav.waveform?.[63]).toBe(100);
    const mp3 = await scene.uploadOne(anMp3({ seconds: 2 }));
    expect(mp3.duration).toBeCloseTo(2, 1);
    // As browsers record: without a length, which then is that of the frames; of one frame alone nothing is known.
    const frames = Array.from({ length: 100 }, () => 50);
    expect((await scene.uploadOne(aWebm({ frames }))).duration).toBeCloseTo(1.98, 2);
    expect((await scene.uploadOne(aWebm(), { duration: '4.5' })).duration).toBe(4.5);
  });

  it('compares each recording with the duration that was claimed of it', async () => {
    const recordings = [aWav({ seconds: 1 }), aPdf(), aWav({ seconds: 5 })];
    const attachments = await scene.upload(recordings, { duration: '1' });
    expect(attachments.map(({ duration }) => duration)).toEqual([1, null, 5]);
    await expect(scene.upload([aWav({ seconds: 2 })], { duration: '60' })).rejects.toMatchObject({
      code: 'duration_mismatch',
    });
    await expect(scene.upload([aWav()], { duration: 'long' })).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('keeps all files of a form in their order, or none', async () => {
    const files = [aPdf(), aPng(), aText()];
    expect((await scene.upload(files)).map(({ file_name }) => file_name)).toEqual(files.map(({ name }) => name));
    const before = await scene.storedFiles();
    await expect(scene.upload([aPdf(), aPng(), text('x.html', 'text/html', html)])).rejects.toMatchObject({
      code: 'file_type_not_allowed',
    });
    expect(await scene.storedFiles()).toEqual(before);
    expect(await scene.countRows()).toBe(3);
  });

  it('has 1 to 10 files', async () => {
    expect(await scene.upload(Array.from({ length: 10 }, () => aText()))).toHaveLength(10);
    await expect(scene.upload(Array.from({ length: 11 }, () => aText()))).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(scene.upload([], { duration: '3' })).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('takes only the kind that was asked for', async () => {
    await expect(scene.upload([aPdf()], {}, { kind: 'image' })).rejects.toMatchObject({
      code: 'file_type_not_allowed',
      message: 'File type not allowed. Allowed types: image/jpeg, image/png, image/gif, image/webp',
    });
    await expect(scene.upload([aPng()], {}, { kind: 'image' })).resolves.toHaveLength(1);
  });

  it.each([
    ['../../../etc/passwd.txt', 'passwd.txt'],
    ['..\\..\\boot.txt', 'boot.txt'],
    ['/absolute.txt', 'absolute.txt'],
    ['no\0tes.txt', 'notes.txt'],
    ['CON.txt', '_CON.txt'],
    ['..', 'file.txt'],
    ['  ', 'file.txt'],
    ['\u202Etxt.exe.txt', 'txt.exe.txt'],
    ['Grüße 大きさ "x" %41.txt', 'Grüße 大きさ "x" %41.txt'],
    [`${'ä'.repeat(300)}.txt`, `${'ä'.repeat(125)}.txt`],
  ])('called %j is called %j, and lies under another name', async (given, name) => {
    const attachment = await scene.uploadOne({ ...aText(), name: given });
    expect(attachment.file_name).toBe(name);
    expect((await scene.storedFiles()).join()).not.toMatch(/passwd|boot|absolute|ä|大/);
  });

  it('that breaks off half way leaves nothing behind', async () => {
    const before = await scene.storedFiles();
    const form = new Response(
      new Blob(['--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf']),
    );
    const half = Buffer.from(await form.arrayBuffer());
    const contentType = 'multipart/form-data; boundary=x';
    const ends = Readable.from([half], { objectMode: false });
    await expect(scene.upload([], {}, { contentType, body: ends })).rejects.toMatchObject({
      code: 'malformed_request',
    });
    const breaks = new Readable({ read: () => undefined });
    breaks.push(half);
    setImmediate(() => breaks.destroy(new Error('The client went away')));
    await expect(scene.upload([], {}, { contentType, body: breaks })).rejects.toMatchObject({
      code: 'malformed_request',
    });
    expect(await scene.storedFiles()).toEqual(before);
    expect(await scene.countRows()).toBe(0);
  });

  it('stops reading where a file passes its limit', async () => {
    let given = 0;
    const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
    function* endless() {
      yield Buffer.from(head);
      for (;;) {
        given += 65_536;
        yield Buffer.alloc(65_536, 'a');
      }
    }
    const body = Readable.from(endless(), { objectMode: false });
    const upload = scene.upload([], {}, { contentType: 'multipart/form-data; boundary=x', body });
    await expect(upload).rejects.toMatchObject({
      code: 'file_too_large',
      message: 'File too large. Maximum size: 50.0MB',
    });
    expect(given).toBeLessThan(53_000_000);
    expect(body.destroyed).toBe(false);
    body.destroy();
  });

  it.each([
    ['no form', 'application/json', '{}', 'unsupported_media_type'],
    ['no boundary', 'multipart/form-data', '', 'malformed_request'],
    ['an empty body', 'multipart/form-data; boundary=x', '', 'malformed_request'],
    ['no part', 'multipart/form-data; boundary=x', '--x--\r\n', 'validation_failed'],
    ['thousands of parts', 'multipart/form-data; boundary=x', '--x\r\n\r\n\r\n'.repeat(10_000), 'validation_failed'],
    ['endless headers', 'multipart/form-data; boundary=x', `--x\r\n${'a: b\r\n'.repeat(10_000)}`, 'malformed_request'],
    ['another boundary', 'multipart/form-data; boundary=x', `--y\r\n${'a'.repeat(50_000)}`, 'malformed_request'],
  ])('with %s is refused', async (_, contentType, body, code) => {
    const request = { contentType, body: Readable.from([Buffer.from(body)], { objectMode: false }) };
    await expect(scene.upload([], {}, request)).rejects.toMatchObject({ code });
  });
});
