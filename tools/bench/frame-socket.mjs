// A WebSocket client that costs as little as one can, so that two cores are left to the servers. It speaks what a server of
// chat frames says (whole text frames, ping, close) and nothing more: no fragments, no extensions.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };
/** Read into by all sockets of the process, one after another: nothing is kept in it between two reads. */
const readBuffer = Buffer.allocUnsafe(256 * 1_024);
const mask = randomBytes(4);
const connectTimeoutMs = 20_000;

export class FrameSocket {
  #socket;
  /** The beginning of a frame whose end has not come yet. */
  #rest;
  #upgraded = false;
  #onFrame;
  #onClose;
  #path;

  /**
   * @param {{ port: number, path: string,
   *   onFrame: (bytes: Buffer, start: number, end: number) => void,
   *   onClose: (reason: string) => void }} options `bytes` is valid during the call only; `onClose` is called once, also when
   *   the server could not be reached
   */
  constructor({ port, path, onFrame, onClose }) {
    this.#path = path;
    this.#onFrame = onFrame;
    this.#onClose = onClose;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length, buffer) => this.#read(buffer, length) },
    });
    this.#socket.setTimeout(connectTimeoutMs, () => this.#end('no answer to the upgrade'));
    this.#socket.on('connect', () => this.#upgrade());
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('closed by the server'));
  }

  /** Sends a text frame of at most 65,535 bytes. */
  send(text) {
    this.#write(opcodes.text, text);
  }

  close() {
    this.#onClose = undefined;
    this.#socket.destroy();
  }

  #end(reason) {
    const onClose = this.#onClose;
    this.close();
    onClose?.(reason);
  }

  #upgrade() {
    this.#socket.write(
      `GET ${this.#path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  }

  #read(buffer, length) {
    let bytes = buffer;
    let end = length;
    if (this.#rest) {
      bytes = Buffer.concat([this.#rest, buffer.subarray(0, length)]);
      end = bytes.length;
      this.#rest = undefined;
    }
    const start = this.#upgraded ? 0 : this.#acceptUpgrade(bytes, end);
    const used = this.#readFrames(bytes, start, end);
    if (used < end) this.#rest = Buffer.from(bytes.subarray(used, end));
    return true;
  }

  #acceptUpgrade(bytes, end) {
    const answer = bytes.latin1Slice(0, end);
    const headersEnd = answer.indexOf('\r\n\r\n');
    if (headersEnd < 0) return 0;
    if (!answer.startsWith('HTTP/1.1 101')) {
      this.#end(answer.slice(0, 300));
      return end;
    }
    this.#upgraded = true;
    this.#socket.setTimeout(0);
    return headersEnd + 4;
  }

  /** @returns where the first frame begins that is not there as a whole */
  #readFrames(bytes, start, end) {
    if (!this.#upgraded) return start;
    let at = start;
    while (end - at >= 2) {
      let length = bytes[at + 1];
      let header = 2;
      if (length === 126) {
        if (end - at < 4) break;
        length = bytes.readUInt16BE(at + 2);
        header = 4;
      } else if (length === 127) {
        if (end - at < 10) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
        header = 10;
      }
      const next = at + header + length;
      if (next > end) break;
      this.#receive(bytes[at] & 15, bytes, at + header, next);
      at = next;
    }
    return at;
  }

  #receive(opcode, bytes, start, end) {
    if (opcode === opcodes.text) this.#onFrame(bytes, start, end);
    else if (opcode === opcodes.ping) this.#write(opcodes.pong, bytes.latin1Slice(start, end));
    else if (opcode === opcodes.close) {
      const code = end - start >= 2 ? bytes.readUInt16BE(start) : 1005;
      this.#end(`closed by the server with ${code} ${bytes.utf8Slice(Math.min(start + 2, end), end)}`);
    }
  }

  #write(opcode, text) {
    const length = Buffer.byteLength(text);
    const header = length < 126 ? 6 : 8;
    const frame = Buffer.allocUnsafe(header + length);
    frame[0] = 0x80 | opcode;
    if (length < 126) frame[1] = 0x80 | length;
    else {
      frame[1] = 0x80 | 126;
      frame.writeUInt16BE(length, 2);
    }
    mask.copy(frame, header - 4);
    frame.utf8Write(text, header);
    for (let index = 0; index < length; index++) frame[header + index] ^= mask[index & 3];
    this.#socket.write(frame);
  }
}
