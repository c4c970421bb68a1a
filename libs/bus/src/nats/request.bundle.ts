/** What the requests of one message have in common. */
export interface Sending {
  /** By the caller's clock: milliseconds since the epoch. */
  readonly sentAt: number;
  /** 0, and one more each time that the caller finds its clock to be another one than those who answer think. */
  readonly clock: number;
}

/** A request on the wire; `call` tells which one an answer is for. The caller waits for `leftMs` from when it was sent. */
export type NumberedRequest = readonly [call: number, leftMs: number, requestId: string, request: unknown];

/** Requests that share a message. */
export interface RequestBundle extends Sending {
  readonly requests: readonly NumberedRequest[];
}

/** A request as it stands in a message. */
export function toRequestText(call: number, leftMs: number, requestId: string, request: unknown): string {
  return `[${call},${leftMs},${JSON.stringify(requestId)},${JSON.stringify(request)}]`;
}

/** A message of requests: a JSON array of when it was sent, by which clock, and the requests. */
export function toRequestBundle({ sentAt, clock }: Sending, requests: readonly string[]): string {
  return `[${sentAt},${clock},${requests.join(',')}]`;
}

/** @returns undefined for what is no message of requests: anybody on the broker can send anything. */
export function readRequestBundle(text: string): RequestBundle | undefined {
  const [sentAt, clock, ...requests] = readArray(text);
  if (typeof sentAt !== 'number' || typeof clock !== 'number' || requests.length === 0) return undefined;
  return requests.every(isNumberedRequest) ? { sentAt, clock, requests } : undefined;
}

function readArray(text: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}

function isNumberedRequest(value: unknown): value is NumberedRequest {
  if (!Array.isArray(value)) return false;
  return typeof value[0] === 'number' && typeof value[1] === 'number' && typeof value[2] === 'string';
}
