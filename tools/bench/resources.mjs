/** What a run has started and made: released in reverse order, whatever happened. */
export class Resources {
  #releases = [];
  #released;

  /** @param {string} what for the complaint when it cannot be released */
  defer(what, release) {
    this.#releases.push({ what, release });
  }

  /** May be called again: all callers wait for the same end. */
  release() {
    this.#released ??= this.#releaseAll();
    return this.#released;
  }

  async #releaseAll() {
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) {
      try {
        await next.release();
      } catch (error) {
        console.error(`bench: could not clean up ${next.what}: ${error.message}`);
      }
    }
  }
}
