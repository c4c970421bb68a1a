const parallel = 32;
const namedAtOnce = 1_000;

/** The few REST calls that prepare a load. */
export class RestClient {
  #issuer;

  constructor(issuer) {
    this.#issuer = issuer;
  }

  /** A user exists once a request was made with its token. */
  async createUsers(port, userIds) {
    const left = [...userIds];
    const work = async () => {
      for (let userId = left.pop(); userId; userId = left.pop()) {
        await this.#request(port, userId, 'GET', '/api/conversations?limit=1');
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
  }

  /** @returns {Promise<string>} the id of the new conversation */
  async createConversation(port, creatorId, body) {
    const { id } = await this.#request(port, creatorId, 'POST', '/api/conversations', body);
    return id;
  }

  /** Adds them in pages, as there is an end to how many one request may name. */
  async addParticipants(port, adminId, conversationId, userIds) {
    for (let first = 0; first < userIds.length; first += namedAtOnce) {
      const body = { user_ids: userIds.slice(first, first + namedAtOnce) };
      await this.#request(port, adminId, 'POST', `/api/conversations/${conversationId}/participants`, body);
    }
  }

  async #request(port, userId, method, path, body) {
    const headers = { authorization: `Bearer ${this.#issuer.issue(userId)}` };
    if (body) headers['content-type'] = 'application/json';
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(30_000),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }
}
