// What one user does: one thing after another, and everything again until it is answered.
import { setTimeout as delay } from 'node:timers/promises';
import { Refused } from './rest-caller.mjs';

const answerTimeoutMs = 8_000;
const firstRetryMs = 150;
const maxRetryMs = 1_500;
/** Operations that wait for the user; what comes on top is left out. */
const maxWaiting = 4;
const burstSize = 4;
const emojis = ['👍', '🎉', '❤️', '😀'];
/** Of all sends so many go over REST. */
const restShare = 0.15;

/** What leaving or removing is answered with where it was done before. */
const hasLeft = new Set(['not_a_participant', 'participant_not_found']);

const at = (values, die) => values[Math.floor(die * values.length)];

export class Actor {
  #user;
  #population;
  #ledger;
  #waiting = [];
  #lastSend;
  #isBusy = false;
  /** The conversation, and the message, that the present operation is about. */
  #subject = {};
  /** No attempt begins any more. */
  #hasGivenUp = false;

  constructor({ user, population, ledger }) {
    this.#user = user;
    this.#population = population;
    this.#ledger = ledger;
  }

  get isIdle() {
    return !this.#isBusy;
  }

  giveUp() {
    this.#hasGivenUp = true;
  }

  take(operation) {
    if (this.#waiting.length >= maxWaiting) this.#ledger.skipped++;
    else this.#waiting.push(operation);
    if (!this.#isBusy) void this.#work();
  }

  async #work() {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { kind, dice, number } = next;
      const from = Date.now();
      this.#subject = {};
      try {
        if (!(await this[kind]({ dice, number }))) this.#ledger.skipped++;
      } catch (error) {
        const code = error.code ?? error.message;
        const span = { from, until: Date.now() };
        this.#ledger.failures.push({ userId: this.#user.id, what: kind, code, ...this.#subject, ...span });
      }
    }
    this.#isBusy = false;
  }

  async send({ dice, number }) {
    const conversationId = at([...this.#shown.keys()], dice[0]);
    if (conversationId === undefined) return false;
    const body = { content: `${this.#user.id} says ${number}`, client_message_id: `m${number}` };
    const byRest = dice[1] < restShare;
    this.#lastSend = { conversationId, body, byRest };
    await this.#sendIt(this.#lastSend);
    return true;
  }

  /** Several at once: the socket keeps their order, and those that fail are tried again in that order. */
  async burst({ dice, number }) {
    const conversationId = at([...this.#shown.keys()], dice[0]);
    if (conversationId === undefined) return false;
    const acked = new Map();
    const bodies = Array.from({ length: burstSize }, (_, index) => ({
      content: `${this.#user.id} says ${number}.${index + 1}`,
      client_message_id: `m${number}.${index + 1}`,
    }));
    for (const body of bodies) this.#wanted(conversationId, body);
    // What was acknowledged has to be in order also where the rest was refused.
    const noted = [];
    this.#ledger.bursts.push(noted);
    const sendThem = this.#untilAnswered(async () => {
      const client = await withTimeout(this.#user.device.connected());
      const attempts = bodies
        .filter(({ client_message_id: key }) => !acked.has(key))
        .map(async (body) => {
          const payload = { conversation_id: conversationId, ...body };
          const ack = await withTimeout(client.emitWithAck('send_message', payload));
          if (!ack.ok) throw new Refused(ack.error);
          acked.set(body.client_message_id, this.#sent(conversationId, body, ack.data.message));
        });
      const failed = (await Promise.allSettled(attempts)).find(({ status }) => status === 'rejected');
      if (failed) throw failed.reason;
    });
    await sendThem.finally(() => noted.push(...bodies.flatMap(({ client_message_id: key }) => acked.get(key) ?? [])));
    return true;
  }

  /** A small file: uploaded, then sent. An upload whose answer was missed is made again, and the first one left to be swept. */
  async attach({ dice, number }) {
    const conversationId = at([...this.#shown.keys()], dice[0]);
    if (conversationId === undefined) return false;
    this.#subject = { conversationId };
    const bytes = Buffer.from(`file ${number} of ${this.#user.id}\n`);
    const uploaded = await this.#untilAnswered(() => {
      const form = new FormData();
      form.append('file', new Blob([bytes], { type: 'text/plain' }), `file-${number}.txt`);
      return this.#user.rest.call('POST', `/api/conversations/${conversationId}/upload`, form);
    });
    const fileId = uploaded.files[0].id;
    const body = { content: '', attachment_ids: [fileId], message_type: 'file', client_message_id: `m${number}` };
    const { seq } = await this.#sendIt({ conversationId, body, byRest: false });
    this.#ledger.files.push({ conversationId, seq, fileId, bytes, user: this.#user });
    return true;
  }

  /** As a client does that has missed the answer. */
  async repeat() {
    if (!this.#lastSend) return false;
    await this.#sendIt(this.#lastSend);
    return true;
  }

  async edit({ dice, number }) {
    const isOwnText = ({ senderId, content }) => senderId === this.#user.id && content !== '';
    const found = this.#message(dice, isOwnText);
    if (!found) return false;
    const content = `${this.#user.id} corrects ${number}`;
    return this.#changeMessage(
      'edit_message',
      { message_id: found.id, content },
      { ...found.place, kind: 'edit', content },
    );
  }

  async delete({ dice }) {
    const found = this.#message(dice, ({ senderId, isDeleted }) => senderId === this.#user.id && !isDeleted);
    if (!found) return false;
    return this.#changeMessage('delete_message', { message_id: found.id }, { ...found.place, kind: 'delete' });
  }

  async react({ dice }) {
    const found = this.#message(dice, ({ isDeleted }) => !isDeleted);
    if (!found) return false;
    const emoji = at(emojis, dice[3]);
    return this.#changeMessage(
      'add_reaction',
      { message_id: found.id, emoji },
      { ...found.place, kind: 'reaction', emoji, isThere: true },
    );
  }

  async unreact({ dice }) {
    const isMine = ({ reactions, isDeleted }) =>
      !isDeleted && Object.values(reactions).some((users) => users.includes(this.#user.id));
    const found = this.#message(dice, isMine);
    if (!found) return false;
    const [emoji] = Object.entries(found.reactions).find(([, users]) => users.includes(this.#user.id));
    return this.#changeMessage(
      'remove_reaction',
      { message_id: found.id, emoji },
      { ...found.place, kind: 'reaction', emoji, isThere: false },
    );
  }

  async read({ dice }) {
    const [conversationId, shown] = at([...this.#shown], dice[0]) ?? [];
    if (!shown || shown.head.seq === 0) return false;
    const seq = shown.head.seq;
    this.#subject = { conversationId };
    await this.#frame('message_read', { conversation_id: conversationId, up_to_seq: seq });
    return this.#changed({ conversationId, kind: 'read', seq });
  }

  leave({ dice }) {
    const inside = this.#circles(({ id, isOpen, creator }) => isOpen && creator !== this.#user && this.#shown.has(id));
    return this.#move(at(inside, dice[0]), this.#user, false, (id) => ['POST', `/api/conversations/${id}/leave`]);
  }

  join({ dice }) {
    const outside = this.#circles(({ id, isOpen }) => isOpen && !this.#shown.has(id));
    return this.#move(at(outside, dice[0]), this.#user, true, (id) => ['POST', `/api/conversations/${id}/join`]);
  }

  remove({ dice }) {
    const { circle, member } = this.#someone(dice, true);
    const path = (id) => ['DELETE', `/api/conversations/${id}/participants/${member?.id}`];
    return this.#move(circle, member, false, path);
  }

  add({ dice }) {
    const { circle, member } = this.#someone(dice, false);
    const path = (id) => [
      'POST',
      `/api/conversations/${id}/participants`,
      { user_id: member?.id, role: 'participant' },
    ];
    return this.#move(circle, member, true, path);
  }

  async open({ dice, number }) {
    const { users } = this.#population;
    const others = [dice[0], dice[1], dice[2]].map((die) => at(users, die)).filter((user) => user !== this.#user);
    const people = [this.#user, ...new Set(others)];
    await this.#untilAnswered(() => this.#population.open(people, { type: 'group', title: `Later ${number}` }));
    return true;
  }

  /** What the user sees: all that it does is about that. */
  get #shown() {
    return this.#user.device.model.conversations;
  }

  #circles(isWanted) {
    return [...this.#population.circles.values()].filter(isWanted);
  }

  /** A message as the user sees it, and where it is. */
  #message(dice, isWanted) {
    const [conversationId, shown] = at([...this.#shown], dice[0]) ?? [];
    const message = shown && at([...shown.messages.values()].filter(isWanted), dice[1]);
    if (!message) return undefined;
    const place = { conversationId, seq: message.seq };
    this.#subject = place;
    return { ...message, place };
  }

  /** Somebody who is, or is not, in a circle of this user's, as far as that user's own device knows. */
  #someone(dice, isIn) {
    const circle = at(
      this.#circles(({ creator }) => creator === this.#user),
      dice[0],
    );
    const isWanted = ({ device }) => device.model.conversations.has(circle.id) === isIn;
    const others = this.#population.users.filter((user) => user !== this.#user);
    return { circle, member: circle && at(others.filter(isWanted), dice[1]) };
  }

  async #move(circle, member, isIn, request) {
    if (!circle || !member) return false;
    this.#subject = { conversationId: circle.id };
    await circle.inTurn(async () => {
      await this.#untilAnswered(() => this.#user.rest.call(...request(circle.id))).catch((error) => {
        // An attempt before has done it, though its answer was missed.
        if (isIn || !hasLeft.has(error.code)) throw error;
      });
      this.#changed({ conversationId: circle.id, kind: 'membership', isIn, userId: member.id });
    });
    return true;
  }

  async #sendIt({ conversationId, body, byRest }) {
    this.#wanted(conversationId, body);
    const overSocket = { conversation_id: conversationId, ...body };
    const { message } = byRest
      ? await this.#untilAnswered(async () => {
          const path = `/api/conversations/${conversationId}/messages`;
          return { message: await this.#user.rest.call('POST', path, body) };
        })
      : await this.#frame('send_message', overSocket);
    return this.#sent(conversationId, body, message);
  }

  #wanted(conversationId, { content, client_message_id: clientMessageId }) {
    this.#subject = { conversationId };
    this.#ledger.wanted.push({ conversationId, userId: this.#user.id, clientMessageId, content });
  }

  #sent(conversationId, { content, client_message_id: clientMessageId }, { id, seq }) {
    const send = { conversationId, userId: this.#user.id, clientMessageId, id, seq, content };
    this.#ledger.sends.push(send);
    return send;
  }

  /** A change of a message, over the socket. */
  async #changeMessage(event, payload, change) {
    this.#ledger.begun.push({ userId: this.#user.id, ...change });
    await this.#frame(event, payload);
    return this.#changed(change);
  }

  #changed(change) {
    this.#ledger.changes.push({ userId: this.#user.id, ...change });
    return true;
  }

  #frame(event, payload) {
    return this.#untilAnswered(async () => {
      const client = await withTimeout(this.#user.device.connected());
      const ack = await withTimeout(client.emitWithAck(event, payload));
      if (ack.ok) return ack.data;
      throw new Refused(ack.error);
    });
  }

  /** @throws Refused where trying again would not help, or nothing is to be tried any more. */
  async #untilAnswered(attempt) {
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, maxRetryMs)) {
      try {
        return await attempt();
      } catch (error) {
        const isFinal = error instanceof Refused && !error.isRetryable;
        if (isFinal || this.#hasGivenUp) throw error;
        this.#ledger.repeated++;
        if (error instanceof Unanswered || error.name === 'TimeoutError') this.#ledger.unanswered++;
        await delay(retryMs * (0.5 + Math.random()));
      }
    }
  }
}

class Unanswered extends Error {}

async function withTimeout(answer) {
  answer.catch(() => undefined);
  const late = new AbortController();
  const timeout = delay(answerTimeoutMs, undefined, { signal: late.signal }).then(() => {
    throw new Unanswered(`no answer within ${answerTimeoutMs} ms`);
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    late.abort();
  }
}
