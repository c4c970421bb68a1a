import type { PayloadOf, ReceiptsMoved } from '@parley/contracts';

/** A cursor that moved: who has read (or got) everything up to which message, and when. */
export type Receipt = PayloadOf<typeof ReceiptsMoved>['receipts'][number];

/** Larger conversations are told no receipts, but for the users' own devices: who wants to know asks. */
export const maxToldParticipants = 100;
