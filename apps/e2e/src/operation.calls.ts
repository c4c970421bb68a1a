import { randomUUID } from 'node:crypto';
import { aPng, formOf, type RestAnswer } from '@parley/testing';
import type { Operation } from './documented.api';
import type { Actor, Stage } from './stage';

/** What one request says, beside the path of its operation. */
export interface Call {
  /** What stands for the path's parameters; the usual ones follow from the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly form?: FormData;
  /** A body as it is sent, of that type: for what is not what it should be. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
}

export type CallOf = (stage: Stage, actor: Actor) => Call;

const nothing = (): Call => ({});
const own: CallOf = (stage, actor) => ({ path: { id: stage.ownMessageOf(actor).id } });
const aUser: CallOf = ({ cast }) => ({ path: { id: cast.newcomer.id } });
const aFile: CallOf = (stage, actor) => ({ path: { id: stage.fileFor(actor) } });

/** A good request of every operation, but for who makes it. */
export const operationCalls: Readonly<Record<string, CallOf>> = {
  'GET /api/conversations': () => ({ query: 'limit=10&archived=false&unread_only=true&q=a' }),
  'POST /api/conversations': ({ cast, blocker }, actor) => ({
    body:
      actor === 'blocked'
        ? { type: 'direct', participant_ids: [blocker.id] }
        : { type: 'group', title: 'New', participant_ids: [cast.newcomer.id] },
  }),
  'GET /api/conversations/public': () => ({ query: 'q=a' }),
  'GET /api/conversations/{id}': nothing,
  'PUT /api/conversations/{id}': () => ({ body: { title: `Title ${randomUUID()}` } }),
  'PATCH /api/conversations/{id}': () => ({ body: { is_archived: true } }),
  'DELETE /api/conversations/{id}': nothing,
  'GET /api/conversations/{id}/participants': () => ({ query: 'limit=2' }),
  'POST /api/conversations/{id}/participants': ({ cast }) => ({ body: { user_id: cast.newcomer.id } }),
  'PUT /api/conversations/{id}/participants/{user_id}': () => ({ body: { is_muted: true } }),
  'DELETE /api/conversations/{id}/participants/{user_id}': nothing,
  'POST /api/conversations/{id}/join': nothing,
  'POST /api/conversations/{id}/leave': nothing,
  'POST /api/conversations/{id}/read': nothing,
  'POST /api/conversations/{id}/typing': () => ({ body: { is_typing: true } }),
  'GET /api/conversations/{id}/online-users': nothing,
  'GET /api/unread-count': nothing,
  'POST /api/conversations/{id}/messages': () => ({ body: { content: 'Hello!', client_message_id: randomUUID() } }),
  'GET /api/conversations/{id}/messages': () => ({ query: 'after_seq=0' }),
  'GET /api/messages/{id}': nothing,
  'PUT /api/messages/{id}': (stage, actor) => ({ ...own(stage, actor), body: { content: `Edited ${randomUUID()}` } }),
  'PATCH /api/messages/{id}': (stage, actor) => ({ ...own(stage, actor), body: { content: `Edited ${randomUUID()}` } }),
  'DELETE /api/messages/{id}': nothing,
  'GET /api/messages/{id}/history': nothing,
  'POST /api/messages/{id}/read': nothing,
  'PUT /api/messages/{id}/read': nothing,
  'GET /api/messages/{id}/receipts': nothing,
  'PUT /api/messages/{id}/reactions/{emoji}': nothing,
  'DELETE /api/messages/{id}/reactions/{emoji}': nothing,
  'PUT /api/messages/{id}/pin': nothing,
  'DELETE /api/messages/{id}/pin': nothing,
  'GET /api/conversations/{id}/pins': nothing,
  'GET /api/conversations/{id}/scheduled': nothing,
  'DELETE /api/scheduled/{id}': ({ scheduledId }) => ({ path: { id: scheduledId } }),
  'POST /api/conversations/{id}/upload': () => ({ form: formOf([aPng()]) }),
  'GET /api/conversations/{id}/files': nothing,
  'GET /api/files/{id}': aFile,
  'GET /api/files/{id}/thumbnail': aFile,
  'GET /api/files/{id}/compressed': aFile,
  'POST /api/files/{id}/link': (stage, actor) => ({ ...aFile(stage, actor), body: { expires_in: 60 } }),
  'GET /api/users/me': nothing,
  'PUT /api/users/me': () => ({ body: { status_text: 'Here' } }),
  'PATCH /api/users/me': () => ({ body: { status_text: 'There' } }),
  'GET /api/users/{id}': aUser,
  'PUT /api/users/{id}': (stage, actor) => ({ ...aUser(stage, actor), body: { display_name: 'Newcomer' } }),
  'POST /api/users': () => ({ body: { users: [{ id: `imported-${randomUUID()}`, display_name: 'Imported' }] } }),
  'GET /api/users/search': () => ({ query: 'q=newcomer&limit=5' }),
  'GET /api/users/status': ({ cast }) => ({ query: `user_ids=${cast.newcomer.id}&user_ids=${cast.owner.id}` }),
  'PUT /api/users/status': () => ({ body: { status: 'away' } }),
  'GET /api/users/online': nothing,
  'GET /api/users/blocked': nothing,
  'POST /api/users/{id}/block': aUser,
  'DELETE /api/users/{id}/block': aUser,
  'POST /api/users/{id}/ban': aUser,
  'POST /api/users/{id}/unban': aUser,
  'POST /api/users/{id}/revoke': aUser,
};

/** Operations that know no user. */
export const openOperations: readonly string[] = [
  'GET /health',
  'GET /health/detailed',
  'GET /health/live',
  'GET /health/ready',
  'POST /api/auth/dev-token',
];

/** Makes a request as a person, or as nobody. */
export async function perform(
  url: string,
  person: { readonly token: string } | undefined,
  { method, path }: Pick<Operation, 'method' | 'path'>,
  { path: values = {}, query = '', body, form, raw, type = 'application/json' }: Call,
): Promise<RestAnswer> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const content = form ?? raw ?? (body === undefined ? null : JSON.stringify(body));
  const headers = new Headers();
  if (person) headers.set('authorization', `Bearer ${person.token}`);
  if (content !== null && !form) headers.set('content-type', type);
  const answer = await fetch(`${url}${filled}${query && `?${query}`}`, {
    method,
    headers,
    body: content,
    redirect: 'manual',
  });
  return { status: answer.status, headers: answer.headers, body: await read(answer) };
}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text();
  return /[/+]json\b/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}

interface Asker {
  readonly token?: string;
  readonly gateway?: number;
}

/** The same as an actor on a stage, or as whoever the token names. */
export function performAs(
  stage: Stage,
  actor: Actor,
  operation: Operation,
  call: Call,
  { token = stage.person(actor).token, gateway = 0 }: Asker = {},
): Promise<RestAnswer> {
  const path = { ...usualPath(stage, actor, operation.path), ...call.path };
  return perform(stage.scene.url(gateway), { token }, operation, { ...call, path });
}

function usualPath(stage: Stage, actor: Actor, path: string): Record<string, string> {
  const usual = { user_id: stage.cast.bystander.id, emoji: '👍' };
  if (path.startsWith('/api/conversations/{id}')) return { ...usual, id: stage.conversationOf(actor).id };
  if (path.startsWith('/api/messages/{id}')) return { ...usual, id: stage.messageFor(actor).id };
  return usual;
}
