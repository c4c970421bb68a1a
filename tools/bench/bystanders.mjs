// A few users who go on writing to each other whatever happens to others, in their own process. Plans, one after another:
// { users: as in load.mjs, rate }, then { lap: true }, each answered with what happened since the one before.
import { ChatSocket } from './chat-socket.mjs';
import { answerPlans } from './child.mjs';
import { Latency } from './latency.mjs';
import { content } from './typical-message.mjs';

let users = [];
let lap = freshLap();
let number = 0;
const pending = new Map();

function freshLap() {
  return { sent: 0, acked: 0, ack: new Latency(), failures: [] };
}

function connect(user) {
  return new Promise((resolve, reject) => {
    user.socket = new ChatSocket({
      port: user.port,
      token: user.token,
      transport: 'websocket',
      onSession: resolve,
      onMessage: () => undefined,
      onAck: acknowledge,
      onFailure: (text) => {
        lap.failures.push(text.slice(0, 200));
        reject(new Error(text));
      },
    });
  });
}

function acknowledge(acked) {
  const sentAt = pending.get(acked);
  if (sentAt === undefined) return;
  pending.delete(acked);
  lap.acked++;
  lap.ack.add(performance.now() - sentAt);
}

function sendAtRate(rate) {
  const startedAt = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * rate;
    for (; sent < due; sent++) {
      const user = users[sent % users.length];
      const conversationId = user.sendsTo[sent % user.sendsTo.length];
      pending.set(++number, performance.now());
      lap.sent++;
      user.socket.sendMessage(number, { conversation_id: conversationId, content, client_message_id: `n-${number}` });
    }
  }, 2);
}

answerPlans(async (plan) => {
  if (plan.users) {
    ({ users } = plan);
    await Promise.all(users.map(connect));
    sendAtRate(plan.rate);
    return {};
  }
  const { sent, acked, ack, failures } = lap;
  lap = freshLap();
  return { sent, acked, unanswered: pending.size, ackMs: ack.summary(), failures };
});
