// Loaded into a process before anything else: its clock is off by CHAOS_CLOCK_OFF_MS.
const offMs = Number(process.env.CHAOS_CLOCK_OFF_MS);
const now = Date.now.bind(Date);

globalThis.Date = class Date extends globalThis.Date {
  constructor(...given) {
    if (given.length === 0) super(now() + offMs);
    else super(...given);
  }

  static now() {
    return now() + offMs;
  }
};
