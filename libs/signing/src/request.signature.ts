import type { Signer } from './signer';

const timeHeader = 'x-parley-time';
const signatureHeader = 'x-parley-signature';

/** How far the clocks of two processes may be apart, and how long a request may be on its way, in milliseconds. */
const maxAgeMs = 60_000;

export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

/** The headers that tell another process of ours that this request comes from one. The body is not covered. */
export function signRequest(signer: Signer, request: SignedRequest, nowMs = Date.now()): Record<string, string> {
  const time = String(nowMs);
  return { [timeHeader]: time, [signatureHeader]: signer.sign(textOf(request, time)) };
}

export function isRequestSigned(
  signer: Signer,
  request: SignedRequest,
  headers: Readonly<Record<string, unknown>>,
  nowMs = Date.now(),
): boolean {
  const [time, signature] = [headers[timeHeader], headers[signatureHeader]];
  if (typeof time !== 'string' || typeof signature !== 'string' || !/^\d{1,15}$/.test(time)) return false;
  return Math.abs(nowMs - Number(time)) <= maxAgeMs && signer.isSigned(textOf(request, time), signature);
}

function textOf({ method, target }: SignedRequest, time: string): string {
  return `${method}\n${target}\n${time}`;
}
