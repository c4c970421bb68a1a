// How the processes came through: what they answered, and what is left behind.
import type { RunRecord } from './run.record';

/** Who has a socket is online, and nobody else is. */
export function presenceIsTrue({ presence }: RunRecord): string[] {
  return presence
    .filter(({ status, hasSocket }) => status !== (hasSocket ? 'online' : 'offline'))
    .map(
      ({ userId, viewerId, status, hasSocket }) =>
        `${userId} is ${status ?? 'unknown'} to ${viewerId}, ${hasSocket ? 'with' : 'without'} a socket`,
    );
}

/** Everything that was committed was announced. */
export function outboxIsEmpty({ outboxRows }: RunRecord): string[] {
  return outboxRows === 0 ? [] : [`${outboxRows} rows wait in the outbox`];
}

/** No process ended but those that were killed. */
export function nobodyDied({ deaths }: RunRecord): string[] {
  return [...deaths];
}

/** What a process depends on may be away: it stays alive and ready. */
export function everybodyStaysReady({ lapses }: RunRecord): string[] {
  return [...lapses];
}

/** After each fault everybody is served again within a bounded time. */
export function recoveryIsBounded({ recoveries, maxRecoveryMs }: RunRecord): string[] {
  return recoveries
    .filter(({ tookMs }) => tookMs === undefined || tookMs > maxRecoveryMs)
    .map(({ fault, tookMs }) =>
      tookMs === undefined
        ? `after ${fault} not everybody was served again`
        : `after ${fault} it took ${Math.round(tookMs)} ms until everybody was served again, not ${maxRecoveryMs}`,
    );
}
