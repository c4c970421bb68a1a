import { demandAccess } from './access.policy';

const revokedAt = '2026-01-20T10:00:00.900Z';
const secondOfIt = Date.parse('2026-01-20T10:00:00.000Z') / 1_000;

it.each([
  ['a user like any other', 0, { isBanned: false, revokedAt: null }, undefined],
  ['a banned user', secondOfIt, { isBanned: true, revokedAt: null }, 'user_banned'],
  ['a banned user with a newer token', secondOfIt + 1, { isBanned: true, revokedAt }, 'user_banned'],
  ['a token from before', secondOfIt - 1, { isBanned: false, revokedAt }, 'invalid_token'],
  ['a token of the same second', secondOfIt, { isBanned: false, revokedAt }, 'invalid_token'],
  ['a token of the next second', secondOfIt + 1, { isBanned: false, revokedAt }, undefined],
  ['a token that does not say when it was issued', 0, { isBanned: false, revokedAt }, 'invalid_token'],
])('%s', (_who, issuedAt, access, code) => {
  const demanding = () => demandAccess({ issuedAt }, access);
  if (code === undefined) expect(demanding).not.toThrow();
  else expect(demanding).toThrow(expect.objectContaining({ code }));
});
