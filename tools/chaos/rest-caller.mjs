const timeoutMs = 8_000;

/** What a gateway refused, as it said. */
export class Refused extends Error {
  constructor({ status, code, retryable, detail }) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.isRetryable = retryable === true;
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
      if (!response.ok) throw new Refused({ ...(await response.json()), status: response.status });
      return response;
    } catch (error) {
      if (!(error instanceof Refused) || error.isRetryable) this.#next++;
      throw error;
    }
  }
}
