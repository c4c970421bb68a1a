import { type CallOf } from './operation.calls';
import { everybodyGets, row, type Row, type Verdict } from './authorisation.table';

/** An operation asked for something special, and who gets it. */
export interface Variant {
  readonly operation: string;
  readonly call: CallOf;
  readonly row: Row;
}

const out = '403 not_a_participant';
const muted = '403 participant_muted';
const role = '403 insufficient_role';
const direct = '403 not_for_direct';
const blocked = '403 user_blocked';
const sender = '403 not_the_sender';

const participant = 'PUT /api/conversations/{id}/participants/{user_id}';
const soon = () => new Date(Date.now() + 3_600_000).toISOString();

/** What depends on whose, and on how much. */
export const variants: Readonly<Record<string, Variant>> = {
  "editing another's message": {
    operation: 'PUT /api/messages/{id}',
    call: () => ({ body: { content: 'I never said that' } }),
    row: row(out, out, sender, sender, sender, sender, sender),
  },
  'deleting an own message': {
    operation: 'DELETE /api/messages/{id}',
    call: (stage, actor) => ({ path: { id: stage.ownMessageOf(actor).id } }),
    row: row(out, out, 'ok', 'ok', 'ok', 'ok', 'ok'),
  },
  'scheduling a message': {
    operation: 'POST /api/conversations/{id}/messages',
    call: () => ({ body: { content: 'Later', send_at: soon() } }),
    row: row(out, out, muted, 'ok', 'ok', 'ok', blocked),
  },
  'speaking for the system': {
    operation: 'POST /api/conversations/{id}/messages',
    call: () => ({ body: { content: 'You have won', message_type: 'system' } }),
    row: everybodyGets('422 message_type_not_allowed'),
  },
  'muting an admin': {
    operation: participant,
    call: ({ cast }) => ({ path: { user_id: cast.owner.id }, body: { is_muted: true } }),
    row: row(out, out, role, role, role, 'ok', direct),
  },
  'removing an admin': {
    operation: 'DELETE /api/conversations/{id}/participants/{user_id}',
    call: ({ cast }) => ({ path: { user_id: cast.owner.id } }),
    row: row(out, out, role, role, role, 'ok', direct),
  },
  'naming an admin': {
    operation: participant,
    call: () => ({ body: { role: 'admin' } }),
    row: row(out, out, role, role, role, 'ok', direct),
  },
  'bringing in an admin': {
    operation: 'POST /api/conversations/{id}/participants',
    call: ({ cast }) => ({ body: { user_id: cast.newcomer.id, role: 'admin' } }),
    row: row(out, out, role, role, role, 'ok', direct),
  },
  'giving oneself a higher role': {
    operation: participant,
    call: (stage, actor) => ({ path: { user_id: stage.person(actor).id }, body: { role: 'admin' } }),
    row: row(out, out, role, role, role, 'ok', direct),
  },
  'taking back that one is muted': {
    operation: participant,
    call: (stage, actor) => ({ path: { user_id: stage.person(actor).id }, body: { is_muted: false } }),
    row: row(out, out, role, role, 'ok', 'ok', direct),
  },
  'choosing what to be notified of': {
    operation: participant,
    call: (stage, actor) => ({ path: { user_id: stage.person(actor).id }, body: { notifications: 'none' } }),
    row: row(out, out, 'ok', 'ok', 'ok', 'ok', 'ok'),
  },
  'choosing what another is notified of': {
    operation: participant,
    call: (stage, actor) => ({
      path: { user_id: actor === 'blocked' ? stage.blocker.id : stage.cast.bystander.id },
      body: { notifications: 'none' },
    }),
    row: row(out, out, role, role, role, role, role),
  },
  'publishing a conversation': {
    operation: 'PATCH /api/conversations/{id}',
    call: () => ({ body: { visibility: 'public' } }),
    row: row(out, out, role, role, 'ok', 'ok', direct),
  },
  'reading around a message of another conversation': {
    operation: 'GET /api/conversations/{id}/messages',
    call: (stage, actor) => ({ query: `around_message_id=${stage.foreignMessageFor(actor).id}` }),
    row: insidersGet('404 message_not_found'),
  },
  "reading another conversation's thread": {
    operation: 'GET /api/conversations/{id}/messages',
    call: (stage, actor) => ({ query: `thread_root_id=${stage.foreignMessageFor(actor).id}` }),
    row: insidersGet('404 message_not_found'),
  },
  'reading up to a message of another conversation': {
    operation: 'POST /api/conversations/{id}/read',
    call: (stage, actor) => ({ body: { message_id: stage.foreignMessageFor(actor).id } }),
    row: everybodyGets('404 message_not_found'),
  },
  'replying to a message of another conversation': {
    operation: 'POST /api/conversations/{id}/messages',
    call: (stage, actor) => ({ body: { content: 'Re', reply_to_id: stage.foreignMessageFor(actor).id } }),
    row: voicesGet('422 reply_target_not_found'),
  },
  "going on with another conversation's thread": {
    operation: 'POST /api/conversations/{id}/messages',
    call: (stage, actor) => ({ body: { content: 'Re', thread_root_id: stage.foreignMessageFor(actor).id } }),
    row: voicesGet('422 thread_root_not_found'),
  },
  "sending another's upload": {
    operation: 'POST /api/conversations/{id}/messages',
    call: (stage, actor) => ({ body: { content: 'Mine', attachment_ids: [stage.fileFor(actor)] } }),
    row: everybodyGets('422 attachment_not_found'),
  },
};

function insidersGet(verdict: Verdict): Row {
  return row(out, out, verdict, verdict, verdict, verdict, verdict);
}

function voicesGet(verdict: Verdict): Row {
  return row(out, out, muted, verdict, verdict, verdict, blocked);
}
