import { writeJson } from '@parley/contracts';
import { toTextFrame } from './connection/text.frame';
import { toFlatEvent } from './plain/plain-websocket.codec';
import { toEngineEvent } from './socket-io/packet';

/** An event on its way to many clients: written once, and made a frame of once for each transport that one of them is on. */
export class EventFrame {
  private readonly json: string;
  private plainBytes: Buffer | undefined;
  private socketIoBytes: Buffer | undefined;

  constructor(
    private readonly event: string,
    payload: object,
  ) {
    this.json = writeJson(payload);
  }

  /** For a plain WebSocket. */
  get plain(): Buffer {
    return (this.plainBytes ??= toTextFrame(toFlatEvent(this.event, this.json)));
  }

  /** For a client of Socket.IO. */
  get socketIo(): Buffer {
    return (this.socketIoBytes ??= toTextFrame(toEngineEvent(this.event, this.json)));
  }
}
