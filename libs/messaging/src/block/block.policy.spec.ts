import type { UserId } from '@parley/contracts';
import { demandOther } from './block.policy';

it('lets nobody block the own person', () => {
  expect(() => demandOther('alice' as UserId, 'alice' as UserId)).toThrow(
    expect.objectContaining({ code: 'validation_failed', issues: [expect.objectContaining({ path: 'user_id' })] }),
  );
  expect(() => demandOther('alice' as UserId, 'Alice' as UserId)).not.toThrow();
});
