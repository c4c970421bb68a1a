import type { UserId } from '@parley/contracts';
import type { ParticipantState } from './participant.state';

/** A participant with valid defaults: Alice, who is one like all others. */
export function aParticipantState(fields: Partial<ParticipantState> = {}): ParticipantState {
  return {
    userId: 'alice' as UserId,
    role: 'participant',
    isMuted: false,
    isBlocked: false,
    isPresent: true,
    ...fields,
  };
}
