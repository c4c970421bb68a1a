let lastFrames: readonly Buffer[] = [];
let lastJoined: Buffer = Buffer.alloc(0);

/**
 * Frames as one piece, for one system call. Those who are in the same rooms get the same frames in a turn, one after another:
 * it is enough to remember the last piece, and they share it.
 */
export function joinFrames(frames: readonly Buffer[]): Buffer {
  if (!isLast(frames)) {
    lastJoined = Buffer.concat(frames);
    lastFrames = frames;
  }
  return lastJoined;
}

function isLast(frames: readonly Buffer[]): boolean {
  if (frames.length !== lastFrames.length) return false;
  // From the end: who differs has mostly got something of its own last.
  for (let at = frames.length - 1; at >= 0; at--) if (frames[at] !== lastFrames[at]) return false;
  return true;
}
