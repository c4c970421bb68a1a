import type { RequestOf, ResponseOf, Rpc } from '@parley/contracts';

export interface CallOptions {
  /** Named in the logs of the service that answers; a new one where it is not given. */
  readonly requestId?: string;
  /** How long to wait instead of `rpc.timeoutMs`, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Asks other services. The Nest token of the transport's implementation. */
export abstract class RpcClient {
  /**
   * Asks the service that owns `rpc` and waits for its answer.
   *
   * Begun at most once: what is sent again nobody has got, or was refused before it was begun. A timeout does not tell
   * whether the work was done, so repeat only requests that carry an idempotency key. The request carries its deadline (now
   * and the timeout), after which no handler starts. Clocks of processes may be as far apart as they like: who answers
   * learns it from the requests; at once where they seem late, else by and by, and until then they have less time.
   *
   * @returns the response, already checked against `rpc.response`: of a trusted contract, that it is of its kinds.
   * @throws AppError and nothing else: the code that the handler threw; `validation_failed` when the request does not fit
   *   `rpc.request`; `payload_too_large` when it does not fit into one message of the transport; `service_unavailable`
   *   when nobody answers: at once without a handler or a connection, else up to 20 ms after the timeout; `internal_error`
   *   when the handler broke or the answer does not fit `rpc.response`.
   */
  abstract call<R extends Rpc>(rpc: R, request: RequestOf<R>, options?: CallOptions): Promise<ResponseOf<R>>;
}
