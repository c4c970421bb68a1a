/** What was acknowledged and what was not, by all users of a round. */
export class Ledger {
  /** Every send that was begun. */
  wanted = [];
  sends = [];
  bursts = [];
  files = [];
  /** Every change of a message that was begun. */
  begun = [];
  changes = [];
  failures = [];
  /** Operations that found nothing to be done with, or a user who had too much to do. */
  skipped = 0;
  /** Attempts that had to be repeated. */
  repeated = 0;
  /** Those of them that were not answered in time, on a connection that stood. */
  unanswered = 0;

  get acked() {
    return this.sends.length + this.changes.length;
  }
}
