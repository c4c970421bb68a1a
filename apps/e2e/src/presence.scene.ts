import { setTimeout as delay } from 'node:timers/promises';
import type { PresenceView, SetStatusBody, UserView } from '@parley/contracts';
import { type ChatClient, patienceMs } from '@parley/testing';
import type { Person } from './chat.scene';

/** How `viewer` sees `person`, asked over REST. */
export async function statusOf(viewer: Person, person: Person, gateway = 0): Promise<PresenceView> {
  const path = `/api/users/status?user_ids=${encodeURIComponent(person.id)}`;
  const { status, body } = await viewer.rest(gateway).get<{ statuses: [PresenceView] }>(path);
  if (status !== 200) throw new Error(`status answered ${status}: ${JSON.stringify(body)}`);
  return body.statuses[0];
}

export async function setStatus(person: Person, body: SetStatusBody, gateway = 0): Promise<PresenceView> {
  const answer = await person.rest(gateway).call<PresenceView>('PUT', '/api/users/status', body);
  if (answer.status !== 200) throw new Error(`status answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The ids of who is online in a conversation, in order. */
export async function onlineIn(viewer: Person, conversationId: string): Promise<string[]> {
  const path = `/api/conversations/${conversationId}/online-users`;
  const { status, body } = await viewer.rest().get<{ users: UserView[] }>(path);
  if (status !== 200) throw new Error(`online-users answered ${status}: ${JSON.stringify(body)}`);
  return body.users.map(({ id }) => id).sort();
}

/** What a device has heard of somebody: the statuses, or for other events their names. */
export function eventsOf(device: ChatClient, event: string, person: Person): string[] {
  return device.frames
    .filter((frame) => frame.event === event && (frame.payload as { user_id: string }).user_id === person.id)
    .map(({ payload }) => (payload as { status?: string }).status ?? event);
}

/** Asks until it is so. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + patienceMs; !(await isSo()); await delay(25)) {
    if (Date.now() > until) throw new Error(`it did not become so within ${patienceMs} ms: ${isSo.toString()}`);
  }
}
