const timeoutMs = 8_000;

/** What a gateway refused, as it said. Nothing but an outage is a reason to try the same again. */
export class Refused extends Error {
  constructor({ status, code, retryable, detail }) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.isRetryable = retryable === true && code === 'service_unavailable';
  }
}

/** REST calls of one user, at whichever gateway answers. */
export class RestCaller {
  #urls;
  #token;
  #next;

  constructor({ urls, token, first = 0 }) {
    this.#urls = urls;
    this.#token = token;
    this.#next = first;
  }

  /** @throws Refused for an answer that is not 2xx, Error where none came; the next call goes to another gateway then. */
  async call(method, path, body) {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await this.#fetch(method, path, json ? JSON.stringify(body) : body, json);
    return response.json();
  }

  /** @throws as `call` */
  async download(path) {
    const response = await this.#fetch('GET', path);
    return Buffer.from(await response.arrayBuffer());
  }

  async #fetch(method, path, body, isJson = false) {
    const url = this.#urls[this.#next % this.#urls.length];
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(isJson ? { 'content-type': 'application/json' } : {}),
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw await refusalOf(response);
      return response;
    } catch (error) {
      if (!(error instanceof Refused) || error.isRetryable) this.#next++;
      throw error;
    }
  }
}

/** What is no problem document, or an outage that does not say when to come back, is final: whoever asked is told. */
async function refusalOf(response) {
  const { status, headers } = response;
  const text = await response.text();
  const problem = parse(text);
  if (problem === undefined) return new Refused({ status, code: 'unreadable_answer', detail: text.slice(0, 200) });
  if (status === 503 && !headers.has('retry-after')) return new Refused({ status, code: 'no_retry_after' });
  return new Refused({ ...problem, status });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
