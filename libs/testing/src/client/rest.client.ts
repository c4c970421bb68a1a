/** What a server answered, whatever the status. */
export interface RestAnswer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it says that it is JSON, else text. Its shape is what the caller claims: tests look at it. */
  readonly body: Body;
}

export interface RestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is: for bodies that are not what they should be. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

const timeoutMs = 20_000;

/** A caller of one server's REST interface, as one user or as nobody. */
export class RestClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token?: string,
  ) {}

  get<Body>(path: string, request: RestRequest = {}): Promise<RestAnswer<Body>> {
    return this.call('GET', path, undefined, request);
  }

  post<Body>(path: string, body: unknown, request: RestRequest = {}): Promise<RestAnswer<Body>> {
    return this.call('POST', path, body, request);
  }

  /**
   * @param body sent as JSON, unless it is undefined.
   * @throws when nobody answers: the server is gone, or took 20 seconds.
   */
  async call<Body>(
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, raw }: RestRequest = {},
  ): Promise<RestAnswer<Body>> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(new URL(path, this.baseUrl), {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
  }
}
