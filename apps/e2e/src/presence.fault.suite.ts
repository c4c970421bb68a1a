import { setTimeout as delay } from 'node:timers/promises';
import { type ChatClient, type Deployment, type OwnRedis, seededRandom } from '@parley/testing';
import { ChatScene, type Person } from './chat.scene';
import { eventually, eventsOf, setStatus, statusOf } from './presence.scene';

export interface PresenceTimes {
  readonly leaseMs: number;
  readonly refreshMs: number;
}

/** What presence promises when processes and Redis die; for a cluster of two gateways and two presence processes. */
export function presenceFaultSuite(
  deployment: () => Deployment,
  redis: () => OwnRedis,
  { leaseMs, refreshMs }: PresenceTimes,
): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  /** Long enough that what was not renewed has ended, and was noticed. */
  const aLease = () => delay(leaseMs + 2 * refreshMs);
  const isSeen = (viewer: Person, person: Person, status: string) =>
    eventually(async () => (await statusOf(viewer, person, 1)).status === status);
  /** What comes next is a change of its own: what is not told yet may be told as one with it. */
  const isTold = (device: ChatClient, person: Person, status: string) =>
    device.nextEvent('user_status_change', (change) => change.user_id === person.id && change.status === status);

  /** Everybody is in a group with the watcher, who looks from the second gateway. */
  const watched = async (...names: string[]): Promise<{ watcher: Person; device: ChatClient; others: Person[] }> => {
    const [watcher, ...others] = (await scene.people('watcher', ...names)) as [Person, ...Person[]];
    await watcher.openGroup(others);
    return { watcher, device: await watcher.online('plain', { gateway: 1 }), others };
  };

  it('a killed gateway takes its users along, but not those who are at another one, too', async () => {
    const { watcher, device, others } = await watched('here', 'both');
    const [here, both] = others as [Person, Person];
    await Promise.all([here.online('plain'), both.online('socket.io'), both.online('plain', { gateway: 1 })]);
    await Promise.all(others.map((person) => isTold(device, person, 'online')));
    await deployment().kill('gateway-1', 'SIGKILL');
    const gone = await device.nextEvent('user_status_change', ({ status }) => status === 'offline');
    expect(gone).toMatchObject({ user_id: here.id, last_seen: expect.any(String) });
    await aLease();
    expect((await statusOf(watcher, both, 1)).status).toBe('online');
    expect(eventsOf(device, 'user_status_change', here)).toEqual(['online', 'offline']);
    expect(eventsOf(device, 'user_status_change', both)).toEqual(['online']);
    await deployment().restart('gateway-1');
  });

  it('a gateway that stops says at once that its users are gone', async () => {
    const { watcher, device, others } = await watched('here');
    const [here] = others as [Person];
    await here.online('plain');
    await isSeen(watcher, here, 'online');
    await expect(deployment().kill('gateway-1', 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
    await device.nextEvent('user_status_change', ({ status }) => status === 'offline');
    await deployment().restart('gateway-1');
  });

  it('a killed presence process is made up for by the other one, and nobody falls offline', async () => {
    const { watcher, device, others } = await watched('stays', 'comes');
    const [stays, comes] = others as [Person, Person];
    await stays.online('plain');
    await setStatus(stays, { status: 'busy' });
    await isSeen(watcher, stays, 'busy');
    await deployment().kill('presence-1', 'SIGKILL');
    const late = await comes.online('socket.io');
    await isSeen(watcher, comes, 'online');
    await deployment().kill('presence-2', 'SIGKILL');
    expect((await statusOf(watcher, stays, 1)).status).toBe('offline');
    expect((await watcher.rest(1).get('/api/conversations')).status).toBe(200);
    await aLease();
    await Promise.all(['presence-1', 'presence-2'].map((name) => deployment().restart(name)));
    await isSeen(watcher, stays, 'busy');
    await aLease();
    expect(eventsOf(device, 'user_status_change', stays)).not.toContain('offline');
    late.close();
    await device.nextEvent('user_status_change', ({ user_id, status }) => user_id === comes.id && status === 'offline');
  });

  it('two presence processes tell each change once', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `person${n}`);
    const { device, others } = await watched(...names);
    const devices = await Promise.all(others.map((person, n) => person.online('plain', { gateway: n })));
    await Promise.all(others.map((person) => isTold(device, person, 'online')));
    for (const each of devices) each.close();
    await Promise.all(others.map((person) => isTold(device, person, 'offline')));
    await aLease();
    for (const person of others) expect(eventsOf(device, 'user_status_change', person)).toEqual(['online', 'offline']);
  });

  it('a Redis that was emptied is filled again, with what users have chosen, and nobody falls offline', async () => {
    const { watcher, device, others } = await watched('plain', 'busy', 'hidden');
    const [plain, busy, hidden] = others as [Person, Person, Person];
    await Promise.all(others.map((person) => person.online('plain')));
    await Promise.all(others.map((person) => isSeen(watcher, person, 'online')));
    await setStatus(busy, { status: 'busy' });
    await setStatus(hidden, { status: 'offline' });
    await Promise.all([isTold(device, busy, 'busy'), isTold(device, hidden, 'offline')]);
    const before = device.frames.length;
    await redis().flush();
    await Promise.all([isSeen(watcher, plain, 'online'), isSeen(watcher, busy, 'busy')]);
    await aLease();
    expect((await statusOf(watcher, hidden, 1)).status).toBe('offline');
    const heard = device.frames.slice(before).filter(({ event }) => event === 'user_status_change');
    const statuses = heard.map(({ payload }) => payload as { user_id: string; status: string });
    expect(statuses.filter(({ status }) => status === 'offline')).toEqual([]);
    expect(statuses.filter(({ user_id }) => user_id === hidden.id)).toEqual([]);
  });

  it('without Redis presence is unknown and messages go on; with it all are back', async () => {
    const { watcher, device, others } = await watched('here');
    const [here] = others as [Person];
    const socket = await here.online('plain');
    await isSeen(watcher, here, 'online');
    await redis().kill();
    expect((await statusOf(watcher, here, 1)).status).toBe('offline');
    const refused = await here.rest().call('PUT', '/api/users/status', { status: 'busy' });
    expect(refused.status).toBe(503);
    const { id } = await here.openGroup([watcher]);
    await socket.send(id, { content: 'Still here' });
    await device.nextEvent('new_message', ({ message }) => message.conversation_id === id);
    await redis().restart();
    await isSeen(watcher, here, 'online');
    await aLease();
    expect(eventsOf(device, 'user_status_change', here)).not.toContain('offline');
  });

  it('has no ghosts after a long random history', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `person${n}`);
    const { watcher, device, others } = await watched(...names);
    const sockets = new Map<Person, ChatClient[]>(others.map((person) => [person, []]));
    const random = seededRandom(11);
    const someone = () => others[Math.floor(random() * others.length)] as Person;
    for (let step = 0; step < 150; step++) {
      const person = someone();
      const move = moveOf(random());
      if (move === 'flush') await redis().flush();
      else await make(move, person, sockets.get(person) ?? [], step);
      if (step !== 75) continue;
      await deployment().kill('gateway-1', 'SIGKILL');
      await deployment().restart('gateway-1');
      for (const [each, own] of sockets) sockets.set(each, await aliveOf(own));
    }
    const isHere = (person: Person) => (sockets.get(person) ?? []).length > 0;
    for (const person of others) {
      await eventually(async () => ((await statusOf(watcher, person, 1)).status !== 'offline') === isHere(person));
    }
    await aLease();
    for (const person of others) {
      const { status } = await statusOf(watcher, person, 1);
      expect([person.name, status !== 'offline']).toEqual([person.name, isHere(person)]);
      const lastTold = () => eventsOf(device, 'user_status_change', person).at(-1) ?? 'offline';
      await eventually(async () => lastTold() === status);
    }
  });
}

type Move = 'come' | 'go' | 'vanish' | 'flush' | 'choose';

function moveOf(dice: number): Move {
  if (dice < 0.45) return 'come';
  if (dice < 0.7) return 'go';
  if (dice < 0.9) return 'vanish';
  return dice < 0.93 ? 'flush' : 'choose';
}

async function make(move: Exclude<Move, 'flush'>, person: Person, own: ChatClient[], step: number): Promise<void> {
  if (move === 'come') own.push(await person.online(step % 2 ? 'plain' : 'socket.io', { gateway: step % 3 }));
  else if (move === 'go') own.shift()?.close();
  else if (move === 'vanish') own.shift()?.drop();
  else if (own.length > 0) await setStatus(person, { status: 'away' });
}

async function aliveOf(sockets: readonly ChatClient[]): Promise<ChatClient[]> {
  const alive = await Promise.all(sockets.map(isAlive));
  return sockets.filter((_, index) => alive[index]);
}

async function isAlive(socket: ChatClient): Promise<boolean> {
  return socket.emitWithAck('ping').then(
    ({ ok }) => ok,
    () => false,
  );
}
