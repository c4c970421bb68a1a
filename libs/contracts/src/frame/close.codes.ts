/**
 * Why a WebSocket is closed. 4000-4399 ask the client to connect again, 4400-4499 not to (4429: only after a wait);
 * below 4000 are the codes of RFC 6455, where 1013 means "later".
 */
export const CloseCode = {
  /** What `ws` says by itself. */
  frameTooLarge: 1009,
  tryAgainLater: 1013,
  goingAway: 4000,
  /** The session could not be opened this time. */
  notOpened: 4001,
  /** More was waiting to be read than is kept: connect again and sync. */
  slowConsumer: 4008,
  refused: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  limited: 4429,
} as const;

/** What a client is to make of a close code. */
export interface CloseCodeMeaning {
  readonly code: number;
  readonly reconnect: 'yes' | 'after a wait' | 'no';
  readonly meaning: string;
}

const meanings: Readonly<Record<keyof typeof CloseCode, Omit<CloseCodeMeaning, 'code'>>> = {
  frameTooLarge: {
    reconnect: 'yes',
    meaning: 'A frame was larger than `WS_MAX_FRAME_BYTES`: it would be refused again.',
  },
  tryAgainLater: {
    reconnect: 'after a wait',
    meaning: 'The gateway cannot serve the socket now. An `error` before it may say when to come back.',
  },
  goingAway: { reconnect: 'yes', meaning: 'The gateway ends: `draining` said so before.' },
  notOpened: { reconnect: 'yes', meaning: 'The session could not be opened this time.' },
  slowConsumer: {
    reconnect: 'yes',
    meaning: 'The client fell behind with reading by more than is kept for it: it reconnects with its heads.',
  },
  refused: { reconnect: 'no', meaning: 'The handshake was malformed: the `error` before it says what is wrong.' },
  unauthenticated: {
    reconnect: 'no',
    meaning: 'There is no token, or it is bad, expired or revoked: get another one first.',
  },
  forbidden: { reconnect: 'no', meaning: 'The user may not connect: it is banned, for example.' },
  limited: {
    reconnect: 'after a wait',
    meaning: 'The user connects too often: `retry_after` of the `error` before it says when to come back, in seconds.',
  },
};

/** The close codes of this server, in their order, for the docs. */
export const closeCodes: readonly CloseCodeMeaning[] = Object.entries(CloseCode)
  .map(([name, code]) => ({ code, ...meanings[name as keyof typeof CloseCode] }))
  .sort((a, b) => a.code - b.code);
