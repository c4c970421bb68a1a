import { FileAccessConfig, loadConfig } from '@parley/config';
import { FileId } from '@parley/contracts';
import { FileLinks } from './file.links';

const configOf = (secret: string) => loadConfig([FileAccessConfig], { MEDIA_SECRET: secret }).fileAccess;
const links = new FileLinks(configOf('a secret'));
const fileId = FileId.parse('00000000-0000-4000-8000-000000000001');
const partsOf = (url: string) => {
  const { pathname, searchParams } = new URL(url, 'http://test');
  return { pathname, expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' };
};

describe('a signed link', () => {
  beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-01-20T10:00:00.000Z') }));
  afterEach(() => void jest.useRealTimers());

  it('works for as long as was asked, or a week', () => {
    const { url, expiresAt } = links.sign(fileId, 60);
    expect(expiresAt).toBe('2026-01-20T10:01:00.000Z');
    expect(links.sign(fileId).expiresAt).toBe('2026-01-27T10:00:00.000Z');
    const { pathname, expires, signature } = partsOf(url);
    expect(pathname).toBe(`/api/files/${fileId}`);
    jest.setSystemTime(Date.parse(expiresAt));
    expect(() => links.check(fileId, expires, signature)).not.toThrow();
    jest.setSystemTime(Date.parse(expiresAt) + 1);
    expect(() => links.check(fileId, expires, signature)).toThrow(expect.objectContaining({ code: 'link_invalid' }));
  });

  it('works for the variants of its file, on every gateway of the same secret', () => {
    const { pathname, expires, signature } = partsOf(links.sign(fileId, 60, 'thumbnail').url);
    expect(pathname).toBe(`/api/files/${fileId}/thumbnail`);
    expect(() => new FileLinks(configOf('a secret')).check(fileId, expires, signature)).not.toThrow();
    expect(() => new FileLinks(configOf('another')).check(fileId, expires, signature)).toThrow();
    expect(() => new FileLinks().check(fileId, expires, signature)).toThrow();
  });

  it.each(['', '0', '-1', '1e99', '99999999999999', 'soon', ' 9999999999'])('does not expire at %j', (expires) => {
    const { signature } = partsOf(links.sign(fileId, 60).url);
    expect(() => links.check(fileId, expires, signature)).toThrow(expect.objectContaining({ code: 'link_invalid' }));
  });
});
