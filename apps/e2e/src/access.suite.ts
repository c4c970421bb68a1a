import type { OwnUserView } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { type Deployment, nowS, RestClient } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';

const gateways = [0, 1];
/** Every way to be connected: over each transport, to each gateway. */
const places = transports.flatMap((transport) => gateways.map((gateway) => ({ transport, gateway })));
const pathOf = (id: string) => `/api/users/${encodeURIComponent(id)}`;

/** Who may come in, and who no longer. */
export function accessSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;

  beforeEach(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
  });
  afterEach(() => scene.end());

  const change = async (person: Person, action: 'ban' | 'unban' | 'revoke', gateway = 0) => {
    const server = new RestClient(scene.url(gateway), scene.newcomer('server').sign({ role: 'admin' }));
    const { status, body } = await server.post<OwnUserView>(`${pathOf(person.id)}/${action}`, undefined);
    expect(status).toBe(200);
    return body;
  };
  const ask = (token: string, gateway: number) =>
    new RestClient(scene.url(gateway), token).get<Problem>('/api/users/me');
  /** Asks a gateway until it answers with that status: it hears of a change a moment later. */
  const answers = async (token: string, gateway: number, status: number) => {
    for (;;) {
      const answer = await ask(token, gateway);
      if (answer.status === status) return answer.body;
    }
  };
  const connectEverywhere = (token: string) =>
    Promise.all(places.map(({ transport, gateway }) => bob.online(transport, { gateway, token })));

  describe('a ban', () => {
    it('closes all sockets of the user, on every gateway, and nobody else’s', async () => {
      const [devices, other] = [await connectEverywhere(bob.token), await alice.online('plain', { gateway: 1 })];
      await expect(change(bob, 'ban')).resolves.toMatchObject({ id: bob.id, is_banned: true });
      const closures = await Promise.all(devices.map(({ closed }) => closed));
      for (const [index, device] of devices.entries()) {
        await expect(device.nextEvent('error')).resolves.toMatchObject({ code: 'user_banned' });
        if (device.transport === 'plain') expect(closures[index]?.code).toBe(4403);
      }
      await expect(other.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('refuses calls on every gateway, with every token, until it ends', async () => {
      for (const gateway of gateways) await answers(bob.token, gateway, 200);
      await change(bob, 'ban', 1);
      for (const gateway of gateways) {
        await expect(answers(bob.token, gateway, 403)).resolves.toMatchObject({ code: 'user_banned' });
        await expect(ask(bob.sign({ iat: nowS() + 5 }), gateway)).resolves.toMatchObject({ status: 403 });
      }
      await expect(change(bob, 'unban')).resolves.toMatchObject({ is_banned: false });
      for (const gateway of gateways) await answers(bob.token, gateway, 200);
    });

    it.each(places)(
      'refuses a handshake over $transport at gateway $gateway at once',
      async ({ transport, gateway }) => {
        await change(bob, 'ban', gateway + 1);
        const { code, problem } = await bob.connect(transport, { gateway }).closed;
        if (transport === 'plain') expect(code).toBe(4403);
        else expect(problem).toMatchObject({ status: 403, code: 'user_banned' });
        await change(bob, 'unban');
        await bob.online(transport, { gateway });
      },
    );

    it('leaves the conversations as they are', async () => {
      const { id } = await alice.openGroup([bob]);
      await bob.send(id, { content: 'before' });
      await change(bob, 'ban');
      const message = await alice.send(id, { content: 'while' });
      await change(bob, 'unban');
      await answers(bob.token, 0, 200);
      expect(await bob.history(id)).toMatchObject([{ content: 'before' }, { id: message.id }]);
    });

    it('of somebody unknown is 404', async () => {
      const server = new RestClient(scene.url(), scene.newcomer('server').sign({ role: 'admin' }));
      const { status, body } = await server.post<Problem>(`${pathOf('nobody-at-all')}/ban`, undefined);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'user_not_found' });
    });
  });

  describe('revocation', () => {
    /** Tokens of before and of after a revocation that is made now. */
    const tokens = () => ({ old: bob.sign({ iat: nowS() - 30 }), fresh: bob.sign({ iat: nowS() + 30 }) });

    it('closes the sockets that hold an older token, and spares those with a newer one', async () => {
      const { old, fresh } = tokens();
      const [devices, spared] = [await connectEverywhere(old), await connectEverywhere(fresh)];
      await change(bob, 'revoke', 1);
      const closures = await Promise.all(devices.map(({ closed }) => closed));
      for (const [index, device] of devices.entries()) {
        await expect(device.nextEvent('error')).resolves.toMatchObject({ code: 'invalid_token' });
        if (device.transport === 'plain') expect(closures[index]?.code).toBe(4401);
      }
      for (const device of spared) await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('refuses older tokens on every gateway, and no newer one', async () => {
      const { old, fresh } = tokens();
      for (const gateway of gateways) await answers(old, gateway, 200);
      await change(bob, 'revoke');
      for (const gateway of gateways) {
        await expect(answers(old, gateway, 401)).resolves.toMatchObject({ code: 'invalid_token' });
        await answers(bob.sign({ iat: undefined }), gateway, 401);
        await expect(ask(fresh, gateway)).resolves.toMatchObject({ status: 200 });
      }
    });

    it.each(places)('counts at a handshake over $transport at gateway $gateway', async ({ transport, gateway }) => {
      const { old, fresh } = tokens();
      await change(bob, 'revoke', gateway + 1);
      const { code, problem } = await bob.connect(transport, { gateway, token: old }).closed;
      if (transport === 'plain') expect(code).toBe(4401);
      else expect(problem).toMatchObject({ status: 401, code: 'invalid_token' });
      const device = await bob.online(transport, { gateway, token: fresh });
      await expect(device.emitWithAck('authenticate', { token: old })).resolves.toMatchObject({
        ok: false,
        error: { status: 401, code: 'invalid_token' },
      });
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('spares a socket that has renewed its token before', async () => {
      const { old, fresh } = tokens();
      const device = await bob.online('plain', { token: old });
      await expect(device.emitWithAck('authenticate', { token: fresh })).resolves.toMatchObject({ ok: true });
      await change(bob, 'revoke');
      await answers(old, 0, 401);
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });
  });
}
