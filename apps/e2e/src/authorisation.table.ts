import type { Actor } from './stage';

/** What an actor gets: `ok`, or status and code of the refusal. */
export type Verdict = 'ok' | `${number} ${string}`;
export type Row = Readonly<Record<Actor, Verdict>>;

const out = '403 not_a_participant';
const muted = '403 participant_muted';
const role = '403 insufficient_role';
const direct = '403 not_for_direct';
const blocked = '403 user_blocked';
const sender = '403 not_the_sender';
const admin = '403 admin_only';
const none = '404 file_not_found';

/** In the order of the columns: stranger, removed, muted, participant, moderator, admin, blocked. */
export const row = (...verdicts: readonly [Verdict, Verdict, Verdict, Verdict, Verdict, Verdict, Verdict]): Row => {
  const [stranger, removed, silenced, participant, moderator, leader, shunned] = verdicts;
  return { stranger, removed, muted: silenced, participant, moderator, admin: leader, blocked: shunned };
};

/** The same for all. */
export const everybodyGets = (verdict: Verdict): Row =>
  row(verdict, verdict, verdict, verdict, verdict, verdict, verdict);

const everybody = everybodyGets('ok');
/** The product's administrators, whom no place in a conversation makes. */
const nobody = everybodyGets(admin);
const insiders = row(out, out, 'ok', 'ok', 'ok', 'ok', 'ok');
const voices = row(out, out, muted, 'ok', 'ok', 'ok', blocked);
const moderators = row(out, out, role, role, 'ok', 'ok', direct);
/** Of another's message. */
const deleters = row(out, out, role, role, 'ok', 'ok', sender);
const pinners = row(out, out, role, role, 'ok', 'ok', blocked);

/** Who may do what over REST. */
export const operationTable: Readonly<Record<string, Row>> = {
  'GET /api/conversations': everybody,
  'POST /api/conversations': row('ok', 'ok', 'ok', 'ok', 'ok', 'ok', blocked),
  'GET /api/conversations/public': everybody,
  'GET /api/conversations/{id}': insiders,
  'PUT /api/conversations/{id}': moderators,
  'PATCH /api/conversations/{id}': insiders,
  'DELETE /api/conversations/{id}': row(out, out, role, role, role, 'ok', 'ok'),
  'GET /api/conversations/{id}/participants': insiders,
  'POST /api/conversations/{id}/participants': moderators,
  'PUT /api/conversations/{id}/participants/{user_id}': moderators,
  'DELETE /api/conversations/{id}/participants/{user_id}': moderators,
  // Of a group, which nobody joins by themselves; who is in it has nothing to do.
  'POST /api/conversations/{id}/join': insiders,
  'POST /api/conversations/{id}/leave': row(out, out, 'ok', 'ok', 'ok', 'ok', direct),
  'POST /api/conversations/{id}/read': insiders,
  'POST /api/conversations/{id}/typing': voices,
  'GET /api/conversations/{id}/online-users': insiders,
  'GET /api/unread-count': everybody,
  'POST /api/conversations/{id}/messages': voices,
  'GET /api/conversations/{id}/messages': insiders,
  'GET /api/messages/{id}': insiders,
  // Of an own message; strangers have none.
  'PUT /api/messages/{id}': voices,
  'PATCH /api/messages/{id}': voices,
  'DELETE /api/messages/{id}': deleters,
  'GET /api/messages/{id}/history': insiders,
  'POST /api/messages/{id}/read': insiders,
  'PUT /api/messages/{id}/read': insiders,
  'GET /api/messages/{id}/receipts': insiders,
  'PUT /api/messages/{id}/reactions/{emoji}': voices,
  'DELETE /api/messages/{id}/reactions/{emoji}': insiders,
  'PUT /api/messages/{id}/pin': pinners,
  'DELETE /api/messages/{id}/pin': pinners,
  'GET /api/conversations/{id}/pins': insiders,
  'GET /api/conversations/{id}/scheduled': insiders,
  // Of another's: it is as if there were none.
  'DELETE /api/scheduled/{id}': everybodyGets('404 scheduled_not_found'),
  'POST /api/conversations/{id}/upload': voices,
  'GET /api/conversations/{id}/files': insiders,
  'GET /api/files/{id}': insiders,
  'GET /api/files/{id}/thumbnail': insiders,
  // Of a picture that is small enough as it is.
  'GET /api/files/{id}/compressed': row(out, out, none, none, none, none, none),
  'POST /api/files/{id}/link': insiders,
  'GET /api/users/me': everybody,
  'PUT /api/users/me': everybody,
  'PATCH /api/users/me': everybody,
  'GET /api/users/{id}': everybody,
  'PUT /api/users/{id}': nobody,
  'POST /api/users': nobody,
  'GET /api/users/search': everybody,
  'GET /api/users/status': everybody,
  'PUT /api/users/status': everybody,
  'GET /api/users/online': everybody,
  'GET /api/users/blocked': everybody,
  'POST /api/users/{id}/block': everybody,
  'DELETE /api/users/{id}/block': everybody,
  'POST /api/users/{id}/ban': nobody,
  'POST /api/users/{id}/unban': nobody,
  'POST /api/users/{id}/revoke': nobody,
};

/** Who may say what over sockets. */
export const frameTable: Readonly<Record<string, Row>> = {
  send_message: voices,
  edit_message: voices,
  delete_message: deleters,
  message_read: insiders,
  message_delivered: insiders,
  add_reaction: voices,
  remove_reaction: insiders,
  typing_start: voices,
  typing_stop: voices,
  join_conversation: insiders,
  leave_conversation: insiders,
  set_status: everybody,
  subscribe_presence: everybody,
  // Tells outsiders that the conversation is gone.
  sync: everybody,
  authenticate: everybody,
  ping: everybody,
};
