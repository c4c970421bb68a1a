import { isRequestSigned, signRequest } from './request.signature';
import { Signer } from './signer';

const signer = new Signer('a secret', 'requests');
const request = { method: 'GET', target: '/files/1?user_id=alice' };

describe('a signature', () => {
  it('is good for its text, its secret and its purpose', () => {
    const signature = signer.sign('text');
    expect(signer.isSigned('text', signature)).toBe(true);
    expect(signer.isSigned('texts', signature)).toBe(false);
    expect(new Signer('another secret', 'requests').isSigned('text', signature)).toBe(false);
    expect(new Signer('a secret', 'links').isSigned('text', signature)).toBe(false);
  });

  it.each([
    '',
    'x',
    '=',
    `${signer.sign('text')}=`,
    `${signer.sign('text')}A`,
    signer.sign('text').slice(0, -1),
    'ä'.repeat(43),
  ])('is not %j', (signature) => {
    expect(signer.isSigned('text', signature)).toBe(false);
  });
});

describe('a signed request', () => {
  const now = 1_700_000_000_000;

  it('is good for a minute, and for clocks that are as far apart', () => {
    const headers = signRequest(signer, request, now);
    for (const later of [-60_000, 0, 60_000]) expect(isRequestSigned(signer, request, headers, now + later)).toBe(true);
    for (const later of [-60_001, 60_001]) expect(isRequestSigned(signer, request, headers, now + later)).toBe(false);
  });

  it('is good for what was asked and nothing else', () => {
    const headers = signRequest(signer, request, now);
    expect(isRequestSigned(signer, { ...request, method: 'POST' }, headers, now)).toBe(false);
    expect(isRequestSigned(signer, { ...request, target: '/files/1?user_id=mallory' }, headers, now)).toBe(false);
    expect(isRequestSigned(signer, request, { ...headers, 'x-parley-time': String(now + 1) }, now)).toBe(false);
    expect(isRequestSigned(signer, request, {}, now)).toBe(false);
    expect(isRequestSigned(signer, request, { ...headers, 'x-parley-signature': ['a', 'b'] }, now)).toBe(false);
  });
});
