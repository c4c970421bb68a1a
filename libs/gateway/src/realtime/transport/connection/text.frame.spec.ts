import * as ws from 'ws';
import { toTextFrame } from './text.frame';

/** ws' own reader of frames, as a client has it. */
function read(frame: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const { Receiver } = ws as unknown as { Receiver: new () => NodeJS.WritableStream };
    const receiver = new Receiver();
    receiver.on('message', (data: Buffer) => resolve(data.toString()));
    receiver.on('error', reject);
    receiver.write(frame);
  });
}

describe('a text frame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('of %i bytes is read by a WebSocket', async (length) => {
    const text = 'x'.repeat(length);
    expect(await read(toTextFrame(text))).toBe(text);
  });

  it('counts bytes, not characters', async () => {
    const text = 'ü😀'.repeat(40);
    expect(await read(toTextFrame(text))).toBe(text);
  });
});
