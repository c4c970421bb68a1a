import type { AttachmentView } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { formOf, type RestAnswer, type TestFile } from '@parley/testing';
import type { Person } from './chat.scene';

/** What a download answers. */
export interface Download {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** Uploads a form; whatever the answer is. */
export async function tryUpload(
  url: string,
  person: Person,
  conversationId: string,
  form: NonNullable<RequestInit['body']>,
  headers: Readonly<Record<string, string>> = {},
): Promise<RestAnswer<Problem & { readonly files: AttachmentView[] }>> {
  const answer = await fetch(`${url}/api/conversations/${conversationId}/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, ...headers },
    body: form,
    ...(form instanceof ReadableStream ? { duplex: 'half' as const } : {}),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
}

/** Uploads files. @throws where the answer is not 201. */
export async function upload(
  url: string,
  person: Person,
  conversationId: string,
  files: readonly TestFile[],
): Promise<AttachmentView[]> {
  const { status, body } = await tryUpload(url, person, conversationId, formOf(files));
  if (status !== 201) throw new Error(`upload answered ${status}: ${JSON.stringify(body)}`);
  return body.files;
}

/** One file, uploaded by itself. */
export async function uploadOne(
  url: string,
  person: Person,
  conversationId: string,
  file: TestFile,
): Promise<AttachmentView> {
  const [attachment] = await upload(url, person, conversationId, [file]);
  if (attachment === undefined) throw new Error('upload answered no file');
  return attachment;
}

export async function download(
  url: string,
  person: Person | undefined,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Download> {
  const token: Record<string, string> = person === undefined ? {} : { authorization: `Bearer ${person.token}` };
  const answer = await fetch(url, { method, headers: { ...token, ...headers } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}
