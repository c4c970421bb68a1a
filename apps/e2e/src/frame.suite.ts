import type { MessageView, ViewedConversation } from '@parley/contracts';
import type { ChatClient, Deployment } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { nested, unknownTargets, wrongBodies } from './wrong.bodies';

const invalid = { status: 422, code: 'validation_failed' };

/** What sockets may bring that they should not: it is answered, and the process lives, and mostly the socket too. */
export function frameSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;
  let conversation: ViewedConversation;

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
    conversation = await alice.openGroup([bob]);
  });
  afterAll(() => scene.end());
  afterEach(async () => {
    // Whatever was tried: the process serves, and nothing of it was stored.
    await expect(alice.rest().get('/health')).resolves.toMatchObject({ status: 200 });
  });

  describe.each(transports)('a frame over %s', (transport) => {
    let device: ChatClient;
    beforeAll(async () => {
      device = await alice.online(transport);
    });
    afterEach(async () => {
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    const refusedBy = async (event: string, payload: unknown, { status, code }: typeof invalid): Promise<void> => {
      const ack = await device.emitWithAck(event, payload);
      expect(ack).toMatchObject({ ok: false, error: { status, code, detail: expect.any(String), retryable: false } });
    };

    it.each(wrongBodies)('with %s is refused', async (_, body) => {
      await refusedBy('send_message', { conversation_id: conversation.id, ...body }, invalid);
    });

    it.each(unknownTargets)('with %s is refused', async (_, body, code) => {
      await refusedBy('send_message', { conversation_id: conversation.id, ...body }, { status: 422, code });
    });

    it.each([
      ['names no conversation', {}, invalid],
      ['names a conversation by number', { conversation_id: 1 }, invalid],
      ['names what can be none', { conversation_id: 'abc' }, { status: 404, code: 'conversation_not_found' }],
      [
        'names one that never was',
        { conversation_id: '9007199254740993' },
        { status: 404, code: 'conversation_not_found' },
      ],
    ])('that %s is refused', async (_, payload, refusal) => {
      await refusedBy('send_message', { content: 'a', ...payload }, refusal);
    });

    it('that is ten thousand objects deep is refused', async () => {
      const payload = `{"conversation_id":"${conversation.id}","content":"a","metadata":${nested(10_000)}`;
      const isPlain = transport === 'plain';
      device.sendRaw(isPlain ? `${payload},"type":"send_message"}` : `42["send_message",${payload}}]`);
      await expect(device.nextEvent('error')).resolves.toMatchObject({ code: 'validation_failed' });
    });

    it('of an event that nobody knows is refused', async () => {
      for (const event of ['no_such_event', 'session', 'new_message', 'toString', '__proto__', 'constructor']) {
        await refusedBy(event, {}, { status: 400, code: 'unknown_event' });
      }
    });

    it('that asks for no ack is refused by an error event', async () => {
      device.emit('send_message', { conversation_id: conversation.id });
      await expect(device.nextEvent('error')).resolves.toMatchObject({
        code: 'validation_failed',
        event: 'send_message',
        message: expect.any(String),
      });
    });

    it('of ping is answered', async () => {
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
      device.emit('ping');
      await device.nextEvent('pong');
    });

    it('of more than a megabyte closes the socket with 1009, and no other', async () => {
      const big = await alice.online(transport);
      big.emit('send_message', { conversation_id: conversation.id, content: 'x'.repeat(1_100_000) });
      await expect(big.closed).resolves.toMatchObject({ code: 1009 });
    });

    it('that is not UTF-8 closes the socket at most', async () => {
      const broken = await alice.online(transport);
      broken.sendRaw(Buffer.from([0x34, 0x32, 0xff, 0xfe]));
      broken.close();
      await broken.closed;
    });
  });

  describe('a plain frame', () => {
    let device: ChatClient;
    beforeAll(async () => {
      device = await alice.online('plain');
    });

    it.each([
      ['is no JSON', 'hello'],
      ['is empty', ''],
      ['is half of one', '{"type":"ping"'],
      ['is a list', '["ping"]'],
      ['is null', 'null'],
      ['is a number', '42'],
      ['has no type', '{"content":"a"}'],
      ['has a type that is no text', '{"type":7}'],
      ['has a type without characters', '{"type":""}'],
      ['has a request_id that is an object', '{"type":"ping","request_id":{}}'],
      ['is a hundred thousand lists deep', '['.repeat(100_000)],
    ])('that %s is answered with an error, and the socket lives', async (_, frame) => {
      device.sendRaw(frame);
      await expect(device.nextEvent('error')).resolves.toMatchObject({ code: 'malformed_request' });
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it.each(['connect', 'disconnect', 'disconnecting', 'connect_error', 'newListener', 'removeListener'])(
      'of type %s, which Socket.IO keeps for itself, is an event that nobody knows',
      async (type) => {
        device.sendRaw(JSON.stringify({ type, request_id: 'r' }));
        device.sendRaw(JSON.stringify({ type }));
        await expect(device.nextEvent('error')).resolves.toMatchObject({ code: 'unknown_event' });
        await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
      },
    );

    it('may set __proto__ and constructor without any effect', async () => {
      device.sendRaw('{"type":"ping","__proto__":{"ok":false},"constructor":{"prototype":{"x":1}}}');
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('of bytes is answered with an error, and the socket lives', async () => {
      device.sendRaw(Buffer.from('{"type":"ping"}'));
      await expect(device.nextEvent('error')).resolves.toMatchObject({ code: 'malformed_request' });
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('that comes before the session is answered after it', async () => {
      const eager = alice.connect('plain');
      const message: Promise<MessageView> = eager.send(conversation.id, { content: 'early bird' });
      await expect(message).resolves.toMatchObject({ content: 'early bird' });
      expect(eager.frames[0]?.event).toBe('session');
    });
  });

  describe('a packet of Socket.IO', () => {
    it.each([
      ['is of no known type', '49["ping"]'],
      ['is cut off', '42["send_message",{"content":'],
      ['has no event', '42[]'],
      ['has an event that is no text', '42[{"a":1}]'],
      ['has a reserved event', '42["disconnect"]'],
      ['announces attachments that never come', '451-["send_message",{"_placeholder":true,"num":0}]'],
      ['announces very many attachments', '45999999999-["send_message",{"_placeholder":true,"num":0}]'],
      ['announces a negative count', '45-1-["send_message",{}]'],
      ['answers what was never asked', '431[{"ok":true}]'],
      ['connects to a namespace that is none', '40/admin,'],
      ['connects twice', '40{"token":"x"}'],
      ['is no packet of Engine.IO', 'x'],
      ['is half an upgrade', '2probe'],
    ])('that %s ends the socket at most', async (_, packet) => {
      const device = await alice.online('socket.io');
      device.sendRaw(packet);
      device.close();
      await device.closed;
      const next = await alice.online('socket.io');
      await expect(next.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
      next.close();
    });

    it.each([
      ['no payload', '42["send_message"]'],
      ['null', '42["send_message",null]'],
      ['a list', '42["send_message",[]]'],
      ['text', '42["send_message","hello"]'],
    ])('with %s for a payload is answered with an error', async (_, packet) => {
      const device = await alice.online('socket.io');
      device.sendRaw(packet);
      await expect(device.nextEvent('error')).resolves.toMatchObject({
        code: 'validation_failed',
        event: 'send_message',
      });
      device.close();
    });
  });
}
