// Whether every acknowledged message came to every participant, once and in order. Conversations are new and all of their
// messages are this run's, so `seq` alone tells: each socket must see 1, 2, 3, ... up to the number of acknowledgements.
const maxFailures = 10;

/** What one socket has seen. */
class Seat {
  #ledger;
  #lastSeq;

  constructor(ledger, name, conversationIds) {
    this.#ledger = ledger;
    this.name = name;
    this.#lastSeq = new Map(conversationIds.map((id) => [id, 0]));
  }

  receive(conversationId, seq) {
    const last = this.#lastSeq.get(conversationId);
    if (last === undefined) {
      this.#ledger.fail(`${this.name} got a message of conversation ${conversationId}, which is not its own`);
    } else if (seq === last + 1) {
      this.#lastSeq.set(conversationId, seq);
    } else {
      const what = seq <= last ? 'again or too late' : 'too early';
      this.#ledger.fail(`${this.name} got message ${seq} of conversation ${conversationId} ${what}, after ${last}`);
      this.#lastSeq.set(conversationId, Math.max(seq, last));
    }
  }

  /** @returns {string[]} a sentence for each conversation that is not where it should be */
  shortfalls(acked) {
    return shortfalls(this.name, this.#lastSeq, acked);
  }
}

/** What one socket has seen of a server that promises no order: only how many. */
class CountingSeat {
  #counts;

  constructor(ledger, name, conversationIds) {
    this.name = name;
    this.#counts = new Map(conversationIds.map((id) => [id, 0]));
  }

  receive(conversationId) {
    this.#counts.set(conversationId, (this.#counts.get(conversationId) ?? 0) + 1);
  }

  shortfalls(acked) {
    return shortfalls(this.name, this.#counts, acked);
  }
}

function shortfalls(name, seen, acked) {
  return [...seen]
    .filter(([id, count]) => count !== (acked.get(id) ?? 0))
    .map(([id, count]) => `${name} saw ${count} of the ${acked.get(id) ?? 0} messages of conversation ${id}`);
}

export class DeliveryLedger {
  #seats = [];
  #acked = new Map();
  #failures = [];
  #failureCount = 0;
  #Seat;

  /** @param isOrdered does the server under test promise an order? */
  constructor(isOrdered) {
    this.#Seat = isOrdered ? Seat : CountingSeat;
  }

  seat(name, conversationIds) {
    const seat = new this.#Seat(this, name, conversationIds);
    this.#seats.push(seat);
    return seat;
  }

  acknowledged(conversationId) {
    this.#acked.set(conversationId, (this.#acked.get(conversationId) ?? 0) + 1);
  }

  fail(sentence) {
    this.#failureCount++;
    if (this.#failures.length < maxFailures) this.#failures.push(sentence);
  }

  get isComplete() {
    return this.#shortfalls().length === 0;
  }

  /** @returns {string[]} what went wrong, the first of them; call it when all should have come */
  verdict() {
    for (const sentence of this.#shortfalls()) this.fail(sentence);
    const unnamed = this.#failureCount - this.#failures.length;
    return unnamed > 0 ? [...this.#failures, `... and ${unnamed} more`] : [...this.#failures];
  }

  #shortfalls() {
    return this.#seats.flatMap((seat) => seat.shortfalls(this.#acked));
  }
}
