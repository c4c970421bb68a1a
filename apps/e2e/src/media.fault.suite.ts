import { setTimeout as delay } from 'node:timers/promises';
import type { AttachmentView } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { aPng, aText, type Deployment, formOf } from '@parley/testing';
import { ChatScene, type Person } from './chat.scene';
import { download, tryUpload, uploadOne } from './file.scene';

const media = 'media-1';
const pollMs = 100;

/** Files have a service of their own, and messages go on without it. */
export function mediaFaultSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let conversationId: string;
  let sent: AttachmentView;
  let draft: AttachmentView;

  const url = (path = ''): string => `${scene.url()}${path}`;

  /** What health answers once it says so: what it found is good for a second. */
  async function healthWith(status: string): Promise<number> {
    for (;;) {
      const health = await alice.rest().get<{ readonly status: string }>('/health');
      if (health.body.status === status) return health.status;
      await delay(pollMs);
    }
  }

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    const [first, bob] = await scene.pair();
    alice = first;
    conversationId = (await alice.openGroup([bob])).id;
    [sent, draft] = [
      await uploadOne(url(), alice, conversationId, aPng()),
      await uploadOne(url(), alice, conversationId, aText()),
    ];
    await alice.send(conversationId, { content: '', attachment_ids: [sent.id] });
  });
  afterAll(async () => {
    if ((await fetch(deployment().url(media)).catch(() => undefined)) === undefined) await deployment().restart(media);
    await scene.end();
  });

  it('answers nobody but gateways', async () => {
    const mediaUrl = deployment().url(media);
    const target = `${mediaUrl}/internal/files/${sent.id}/original?user_id=${alice.id}`;
    expect((await fetch(target)).status).toBe(401);
    const forged = { 'x-parley-time': String(Date.now()), 'x-parley-signature': 'A'.repeat(43) };
    expect((await fetch(target, { headers: forged })).status).toBe(401);
    const query = `uploader_id=${alice.id}&conversation_id=${conversationId}`;
    const upload = await fetch(`${mediaUrl}/internal/files?${query}`, { method: 'POST', body: formOf([aText()]) });
    expect(upload.status).toBe(401);
  });

  it('keeps sending text, and shows the attachments that were sent before', async () => {
    await deployment().kill(media, 'SIGKILL');
    await alice.send(conversationId, { content: 'still here' });
    const history = await alice.history(conversationId);
    expect(history.at(0)?.attachments).toEqual([sent]);
    expect(await healthWith('degraded')).toBe(200);
  });

  it('answers uploads, downloads and sends with files 503, with a time to come back', async () => {
    const path = `/api/conversations/${conversationId}/messages`;
    const send = await alice.rest().post<Problem>(path, { content: 'x', attachment_ids: [draft.id] });
    const uploaded = await tryUpload(url(), alice, conversationId, formOf([aText()]));
    const downloaded = await download(url(sent.url), alice);
    for (const { status, headers } of [send, uploaded, downloaded]) {
      expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
    }
  });

  it('has lost nothing when it is back', async () => {
    await deployment().restart(media);
    expect((await download(url(sent.url), alice)).status).toBe(200);
    const message = await alice.send(conversationId, { content: 'x', attachment_ids: [draft.id] });
    expect(message.attachments).toEqual([draft]);
    expect((await tryUpload(url(), alice, conversationId, formOf([aText()]))).status).toBe(201);
  });
}
