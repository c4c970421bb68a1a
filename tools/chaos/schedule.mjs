// What users will do and when, decided before the run: the same seed gives the same schedule.

/** How often each kind of operation is drawn. */
const weights = {
  send: 48,
  burst: 4,
  attach: 2,
  repeat: 3,
  edit: 8,
  delete: 3,
  react: 8,
  unreact: 4,
  read: 8,
  leave: 2,
  join: 2,
  remove: 1.5,
  add: 1.5,
  open: 1,
};

/** Numbers that an operation draws from: which conversation, which message, and so on. */
const diceOfEach = 5;

/** @returns {{ number: number, atMs: number, user: number, kind: string, dice: number[] }[]} */
export function planOperations({ random, seconds, rate, users }) {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const count = seconds * rate;
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    atMs: ((index + random.next()) / count) * seconds * 1_000,
    user: random.between(0, users - 1),
    kind: drawKind(random.next() * total),
    dice: Array.from({ length: diceOfEach }, () => random.next()),
  }));
}

function drawKind(drawn) {
  let left = drawn;
  for (const [kind, weight] of Object.entries(weights)) {
    if (left < weight) return kind;
    left -= weight;
  }
  return 'send';
}

/** Of all steps so many have two faults at the same time, where there are several kinds. */
const pairShare = 0.3;

/**
 * @param kinds by name, what each of them is done to: two at a time are done to different things
 * @returns {string[][]} the kinds of each step, of more steps than there is time for
 */
export function planFaults({ random, kinds }) {
  const names = Object.keys(kinds);
  if (names.length === 0) return [];
  const order = Array.from({ length: 20 }, () => random.shuffled(names)).flat();
  return order.map((name) => {
    const others = names.filter((other) => kinds[other] !== kinds[name]);
    return others.length > 0 && random.next() < pairShare ? [name, random.pick(others)] : [name];
  });
}
