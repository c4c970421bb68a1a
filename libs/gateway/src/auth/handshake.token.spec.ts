import { type HandshakeRequest, tokenOfHandshake, tokenOfRequest } from './handshake.token';

const handshake = (given: Partial<HandshakeRequest>): HandshakeRequest => ({ headers: {}, url: '/api/ws', ...given });

it.each<[string, Partial<HandshakeRequest>]>([
  ["Socket.IO's auth", { auth: { token: 'a.b.c' }, url: '/socket.io/?EIO=4&transport=websocket' }],
  ['the header', { headers: { authorization: 'Bearer a.b.c' } }],
  ['the header, however its scheme is written', { headers: { authorization: 'bearer  a.b.c' } }],
  ['the query', { url: '/api/ws?token=a.b.c' }],
  ['the query of Socket.IO', { url: '/socket.io/?EIO=4&transport=websocket&token=a.b.c' }],
  ['the path', { url: '/api/ws/a.b.c' }],
  ['the path, percent-encoded', { url: '/api/ws/a%2Eb%2Ec/?x=1' }],
  ['auth before the header', { auth: { token: 'a.b.c' }, headers: { authorization: 'Bearer other' } }],
  ['the header before the query', { headers: { authorization: 'Bearer a.b.c' }, url: '/api/ws?token=other' }],
  ['the query before the path', { url: '/api/ws/other?token=a.b.c' }],
])('finds the token of a handshake in %s', (_where, given) => {
  expect(tokenOfHandshake(handshake(given))).toBe('a.b.c');
});

it.each<[string, Partial<HandshakeRequest>]>([
  ['nothing', {}],
  ['an empty token', { auth: { token: '' }, url: '/api/ws?token=' }],
  ['a token that is no text', { auth: { token: { $ne: '' } } }],
  ['auth that is no object', { auth: 'a.b.c' }],
  ['a cookie', { headers: { cookie: 'token=a.b.c' } }],
  ['another scheme', { headers: { authorization: 'Basic YTpi' } }],
  ['a header without a token', { headers: { authorization: 'Bearer ' } }],
  ['a path that is no text', { url: '/api/ws/%ff' }],
  ['a deeper path', { url: '/api/ws/a/b' }],
  ['a URL that is none', { url: 'http://[' }],
])('refuses a handshake with %s', (_what, given) => {
  expect(() => tokenOfHandshake(handshake(given))).toThrow('Invalid token');
});

it('looks for the token of a request in the header alone', () => {
  expect(tokenOfRequest({ headers: { authorization: 'Bearer a.b.c' } })).toBe('a.b.c');
  expect(() => tokenOfRequest({ headers: {} })).toThrow('Invalid token');
});
