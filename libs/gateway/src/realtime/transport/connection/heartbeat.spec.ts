import { Heartbeat, type HeartbeatPeer } from './heartbeat';

const times = { pingIntervalMs: 25_000, pingTimeoutMs: 20_000 };

const peers = new Set<FakePeer>();

class FakePeer implements HeartbeatPeer {
  readonly pulse;
  readonly told: string[] = [];
  isHeld = false;

  constructor(heartbeat: Heartbeat) {
    this.pulse = heartbeat.begin();
    peers.add(this);
  }

  ping = () => void this.told.push('ping');
  isPaused = () => this.isHeld;

  lost = () => {
    this.told.push('lost');
    peers.delete(this);
  };
}

describe('a peer', () => {
  let heartbeat: Heartbeat;
  let peer: FakePeer;

  beforeEach(() => {
    jest.useFakeTimers();
    heartbeat = new Heartbeat(times, peers);
    peers.clear();
    peer = new FakePeer(heartbeat);
  });
  afterEach(() => {
    heartbeat.stop();
    jest.useRealTimers();
  });

  it('is asked after a rest, and again a rest after it has answered', () => {
    jest.advanceTimersByTime(24_000);
    expect(peer.told).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(peer.told).toEqual(['ping']);
    peer.pulse.isHeard = true;
    jest.advanceTimersByTime(25_000);
    expect(peer.told).toEqual(['ping']);
    jest.advanceTimersByTime(1_000);
    expect(peer.told).toEqual(['ping', 'ping']);
  });

  it('is lost when it does not answer in time, whatever it said before', () => {
    peer.pulse.isHeard = true;
    jest.advanceTimersByTime(44_000);
    expect(peer.told).toEqual(['ping']);
    jest.advanceTimersByTime(1_000);
    expect(peer.told).toEqual(['ping', 'lost']);
  });

  it('is not lost while nothing is read from it', () => {
    peer.isHeld = true;
    jest.advanceTimersByTime(60_000);
    expect(peer.told).toEqual(['ping']);
    peer.isHeld = false;
    jest.advanceTimersByTime(40_000);
    expect(peer.told).toEqual(['ping', 'ping', 'lost']);
  });

  it('that came between two steps is asked within a second of its time', () => {
    jest.advanceTimersByTime(500);
    const later = new FakePeer(heartbeat);
    jest.advanceTimersByTime(25_500);
    expect(later.told).toEqual(['ping']);
  });
});
