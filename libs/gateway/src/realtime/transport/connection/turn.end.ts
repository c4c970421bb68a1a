/** Who has gathered something in this turn of the event loop. */
export interface TurnListener {
  turnEnded(): void;
}

let waiting: TurnListener[] = [];

/** Tells the listener once when the present turn of the event loop has ended; a second time in a turn it may be told again. */
export function atTurnEnd(listener: TurnListener): void {
  if (waiting.push(listener) === 1) setImmediate(tellAll);
}

function tellAll(): void {
  const listeners = waiting;
  waiting = [];
  for (const listener of listeners) listener.turnEnded();
}
