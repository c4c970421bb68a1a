import { createServer, type Server } from 'node:http';
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { AppError } from '@parley/errors';
import { exportJWK, exportSPKI, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { JwtTokenVerifier } from './jwt-token.verifier';
import { secretKey, signingKeysOf } from './signing.keys';

const secret = 'a secret of this spec that has more than thirty-two bytes';
const nowS = () => Math.floor(Date.now() / 1_000);

function sign(claims: JWTPayload, key: KeyObject = secretKey(secret), header: JWTHeaderParameters = { alg: 'HS256' }) {
  return new SignJWT({ sub: 'alice', exp: nowS() + 300, ...claims }).setProtectedHeader(header).sign(key);
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as it would look if somebody took `key` for the secret of HS256. */
function signByHand(key: string, header: object = { alg: 'HS256' }): string {
  const body = `${base64url(header)}.${base64url({ sub: 'alice', exp: nowS() + 300 })}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

describe('a verifier with a secret', () => {
  const verifier = new JwtTokenVerifier(signingKeysOf({ jwtSecret: secret, jwksUrl: undefined }));

  it('tells whom a good token stands for, and how long', async () => {
    const exp = nowS() + 300;
    await expect(verifier.verify(await sign({ exp }))).resolves.toMatchObject({ userId: 'alice', expiresAt: exp });
  });

  it.each([
    ['has just expired', { exp: nowS() - 30 }],
    ['becomes valid in a moment', { nbf: nowS() + 30 }],
  ])('allows for clocks that differ: a token that %s is good', async (_what, claims) => {
    await expect(verifier.verify(await sign(claims))).resolves.toMatchObject({ userId: 'alice' });
  });

  it('calls an expired token expired', async () => {
    await expect(verifier.verify(await sign({ exp: nowS() - 61 }))).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('says the same of every bad token, but for its code', () => {
    expect(new AppError('token_expired').message).toBe(new AppError('invalid_token').message);
  });

  it.each<[string, () => string | Promise<string>]>([
    ['is not valid yet', () => sign({ nbf: nowS() + 90 })],
    [
      'names nobody',
      () => new SignJWT({ exp: nowS() + 300 }).setProtectedHeader({ alg: 'HS256' }).sign(secretKey(secret)),
    ],
    ['names nobody by an empty sub', () => sign({ sub: '' })],
    ['has a sub of 256 characters', () => sign({ sub: 'a'.repeat(256) })],
    ['has a sub that cannot be stored', () => sign({ sub: 'a\u0000' })],
    ['has a number for its sub', () => sign({ sub: 7 as unknown as string })],
    ['has an exp that is no number', () => sign({ exp: 'never' as unknown as number })],
    ['is larger than 8 KiB', () => sign({ ballast: 'a'.repeat(8_192) })],
    ['is signed with another secret', () => sign({}, secretKey('another secret, which is as long as the right one'))],
    ['was tampered with', async () => (await sign({})).replace(/\.[^.]+\./, `.${base64url({ sub: 'bob' })}.`)],
    ['lost its signature', async () => (await sign({})).replace(/[^.]+$/, '')],
    ['is not signed (alg none)', () => new UnsecuredJWT({ sub: 'alice', exp: nowS() + 300 }).encode()],
    ['has an algorithm of another kind of key', () => sign({}, rsa.privateKey, { alg: 'RS256' })],
    ['has a longer HMAC than agreed', () => sign({}, secretKey(secret), { alg: 'HS512' })],
    ['calls an unknown extension critical', () => signByHand(secret, { alg: 'HS256', crit: ['x'], x: 1 })],
    ['calls a known extension critical', () => signByHand(secret, { alg: 'HS256', crit: ['b64'], b64: true })],
    ['is empty', () => ''],
    ['is no token', () => 'no.token.here'],
    ['is an array of bytes', () => '\u0000\u0001\ud800'],
    ['is encrypted', () => 'e30.e30.e30.e30.e30'],
  ])('refuses a token that %s', async (_what, token) => {
    await expect(verifier.verify(await token())).rejects.toMatchObject({ code: 'invalid_token' });
  });

  describe('and an issuer and audience', () => {
    const choosy = new JwtTokenVerifier(signingKeysOf({ jwtSecret: secret, jwksUrl: undefined }), {
      issuer: 'https://issuer.example',
      audience: 'parley',
    });

    it('takes a token of that issuer for that audience', async () => {
      const token = await sign({ iss: 'https://issuer.example', aud: ['other', 'parley'] });
      await expect(choosy.verify(token)).resolves.toMatchObject({ userId: 'alice' });
    });

    it.each([
      ['another issuer', { iss: 'https://evil.example', aud: 'parley' }],
      ['no issuer', { aud: 'parley' }],
      ['another audience', { iss: 'https://issuer.example', aud: 'other' }],
      ['no audience', { iss: 'https://issuer.example' }],
    ])('refuses a token of %s', async (_what, claims) => {
      await expect(choosy.verify(await sign(claims))).rejects.toMatchObject({ code: 'invalid_token' });
    });
  });
});

describe('a verifier with a key set', () => {
  let server: Server;
  let url: string;
  let keys: object[];
  let status: number;
  let fetches: number;
  let verifier: JwtTokenVerifier;

  const publish = async (kid: string, key: KeyObject, extra = {}) => ({ ...(await exportJWK(key)), kid, ...extra });

  beforeAll(async () => {
    server = createServer((_request, response) => {
      fetches++;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  beforeEach(async () => {
    status = 200;
    fetches = 0;
    keys = [await publish('rsa', rsa.publicKey), await publish('ec', ec.publicKey), await publish('ed', ed.publicKey)];
    verifier = new JwtTokenVerifier(signingKeysOf({ jwtSecret: undefined, jwksUrl: url }));
  });

  it.each([
    ['RS256', 'rsa', rsa],
    ['ES256', 'ec', ec],
    ['EdDSA', 'ed', ed],
  ])('takes tokens of %s', async (alg, kid, { privateKey }) => {
    const token = await sign({}, privateKey, { alg, kid });
    await expect(verifier.verify(token)).resolves.toMatchObject({ userId: 'alice' });
  });

  it('fetches the keys once for many tokens', async () => {
    const token = await sign({}, rsa.privateKey, { alg: 'RS256', kid: 'rsa' });
    await Promise.all([verifier.verify(token), verifier.verify(token), verifier.verify(token)]);
    await verifier.verify(token);
    expect(fetches).toBe(1);
  });

  it('takes tokens of a new key once the issuer has changed keys', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] });
    try {
      await verifier.verify(await sign({}, rsa.privateKey, { alg: 'RS256', kid: 'rsa' }));
      const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      keys = [await publish('next', next.publicKey)];
      const token = () => sign({}, next.privateKey, { alg: 'ES256', kid: 'next' });

      await expect(verifier.verify(await token())).rejects.toMatchObject({ code: 'invalid_token' });
      expect(fetches).toBe(1);

      jest.setSystemTime(Date.now() + 31_000);
      await expect(verifier.verify(await token())).resolves.toMatchObject({ userId: 'alice' });
    } finally {
      jest.useRealTimers();
    }
  });

  it.each<[string, () => string | Promise<string>]>([
    ['names a key that is not in the set', () => sign({}, rsa.privateKey, { alg: 'RS256', kid: '../../etc/passwd' })],
    ['is signed with a key that is not in the set', () => sign({}, otherRsa.privateKey, { alg: 'RS256', kid: 'rsa' })],
    ['takes the public key for a secret', async () => signByHand(await exportSPKI(rsa.publicKey))],
    [
      'takes the public key for a secret, by its kid',
      async () => signByHand(await exportSPKI(rsa.publicKey), { alg: 'HS256', kid: 'rsa' }),
    ],
    ['has an algorithm that is not agreed', () => sign({}, rsa.privateKey, { alg: 'PS256', kid: 'rsa' })],
    ['has the algorithm of another key', () => sign({}, rsa.privateKey, { alg: 'RS256', kid: 'ec' })],
    ['is not signed', () => new UnsecuredJWT({ sub: 'alice', exp: nowS() + 300 }).encode()],
    [
      'brings its own key along',
      async () => sign({}, otherRsa.privateKey, { alg: 'RS256', jwk: await exportJWK(otherRsa.publicKey), kid: 'own' }),
    ],
    [
      'tells where to fetch its key',
      () => sign({}, otherRsa.privateKey, { alg: 'RS256', jku: `${url}?evil`, kid: 'own' }),
    ],
    [
      'tells where to fetch its certificate',
      () => sign({}, otherRsa.privateKey, { alg: 'RS256', x5u: `${url}?evil`, kid: 'own' }),
    ],
  ])('refuses a token that %s', async (_what, token) => {
    await expect(verifier.verify(await token())).rejects.toMatchObject({ code: 'invalid_token' });
    expect(fetches).toBeLessThanOrEqual(1);
  });

  it('refuses a secret that the set gives away', async () => {
    keys = [{ kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'oct', alg: 'HS256' }];
    const token = await sign({}, secretKey(secret), { alg: 'HS256', kid: 'oct' });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('blames the way to the issuer, not the token, when there are no keys to be had', async () => {
    status = 500;
    const token = await sign({}, rsa.privateKey, { alg: 'RS256', kid: 'rsa' });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'service_unavailable' });
    status = 200;
    await expect(verifier.verify(token)).resolves.toMatchObject({ userId: 'alice' });
  });
});

it('needs a key of one kind or the other', () => {
  expect(() => signingKeysOf({ jwtSecret: undefined, jwksUrl: undefined })).toThrow('Tokens cannot be verified');
});
