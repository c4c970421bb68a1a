import { EventFrames, readClientFrame, toAckFrame, toEventFrame } from './plain-websocket.codec';

const packetOf = (event: string, payload?: object) =>
  `2${JSON.stringify(payload === undefined ? [event] : [event, payload])}`;

describe('a frame of a plain WebSocket client', () => {
  it.each([
    ['{"type":"ping"}', { event: 'ping', requestId: undefined }],
    ['{"type":"ping","request_id":null}', { event: 'ping', requestId: undefined }],
    ['{"type":"ping","request_id":"a\\"b"}', { event: 'ping', requestId: '"a\\"b"' }],
    [' {"request_id":-7,\n"type":"ping"} ', { event: 'ping', requestId: '-7' }],
  ])('%s names its event and its request', (text, frame) => {
    expect(readClientFrame(text)).toEqual({ ...frame, payload: JSON.parse(text) });
  });

  it('whose type is wrong still names its request', () => {
    expect(readClientFrame('{"type":1,"request_id":"a"}')).toMatchObject({
      requestId: '"a"',
      error: { code: 'malformed_request' },
    });
  });
});

describe('an event of the server', () => {
  it.each([
    ['without a payload', undefined],
    ['with an empty payload', {}],
    ['with fields', { n: 1, nested: { list: ['"]', '}'] }, text: 'ünï 😀' }],
  ])('%s becomes one flat frame', (_, payload) => {
    expect(JSON.parse(toEventFrame(packetOf('said', payload)))).toEqual({ type: 'said', ...payload });
  });

  it('that asks for an ack becomes a frame without one', () => {
    expect(toEventFrame('217["said",{"n":1}]')).toBe('{"type":"said","n":1}');
  });

  it('is converted once for all recipients of a broadcast', () => {
    const frames = new EventFrames();
    const first = frames.of(packetOf('said', { n: 1 }));
    expect(frames.of(packetOf('said', { n: 1 }))).toBe(first);
    expect(frames.of(packetOf('said', { n: 2 }))).not.toBe(first);
    expect(frames.of(packetOf('said', { n: 1 }))).toEqual(first);
  });
});

describe('an ack of the server', () => {
  it('becomes a frame with the request id of the client', () => {
    expect(JSON.parse(toAckFrame('"a"', '{"ok":true,"data":{"list":["]"]}}'))).toEqual({
      type: 'ack',
      request_id: 'a',
      ok: true,
      data: { list: [']'] },
    });
  });
});
