import { ConversationId, UserId } from './ids';

describe('ids', () => {
  it.each(['1', '9223372036854775807'])('%s is a conversation id', (id) => {
    expect(ConversationId.safeParse(id).success).toBe(true);
  });

  it.each(['0', '-1', '01', '1.5', '1e3', ' 1', '9223372036854775808', '99999999999999999999', 'abc', ''])(
    '%j is none, and never reaches the database',
    (id) => {
      expect(ConversationId.safeParse(id).success).toBe(false);
    },
  );

  it('a user id is whatever the issuer says, within what can be stored', () => {
    expect(UserId.safeParse('auth0|5f7c.x y').success).toBe(true);
    expect(UserId.safeParse('').success).toBe(false);
    expect(UserId.safeParse('x'.repeat(256)).success).toBe(false);
    expect(UserId.safeParse('a\u0000b').success).toBe(false);
  });
});
