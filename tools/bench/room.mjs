// A conversation of many, and the load that speaks and listens in it.
import { runChild } from './child.mjs';
import { RestClient } from './rest-client.mjs';

/** Beyond what is measured: connecting, settling. */
const marginMs = 90_000;
/** A second of these has a hundred thousand deliveries: no more of them are needed. */
const longest = { seconds: 3, warmupSeconds: 2 };

/** @returns a new conversation of `size` users, who are on the deployment's gateways in turn */
export async function prepareRoom({ deployment: { ports }, issuer, size, prefix }) {
  const userIds = Array.from({ length: size }, (_, index) => `${prefix}-${index}`);
  const rest = new RestClient(issuer);
  const [port] = ports;
  const [admin, ...others] = userIds;
  await rest.createUsers(port, userIds);
  const body = { type: 'group', title: 'Everybody', participant_ids: [] };
  const conversationId = await rest.createConversation(port, admin, body);
  await rest.addParticipants(port, admin, conversationId, others);
  const members = userIds.map((userId, index) => {
    return { userId, token: issuer.issue(userId), port: ports[index % ports.length] };
  });
  return { conversationId, members };
}

/** @returns what the audience found; `name` is said before each failure */
export async function runAudience(name, plan, options) {
  const seconds = Math.min(options.seconds, longest.seconds);
  const warmupSeconds = Math.min(options.warmupSeconds, longest.warmupSeconds);
  const timeoutMs = (seconds + warmupSeconds) * 1_000 + marginMs;
  const result = await runChild('audience.mjs', { ...plan, seconds, warmupSeconds }, timeoutMs);
  return { ...result, failures: result.failures.map((sentence) => `${name}: ${sentence}`) };
}
