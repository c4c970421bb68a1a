import 'reflect-metadata';
import { clientFrames, CloseCode, serverFrames } from '@parley/contracts';
import { Ajv2020 } from 'ajv/dist/2020';
import { handlersOf } from '../../realtime/inbound/frame.handler';
import { RealtimeModule } from '../../realtime/realtime.module';
import { RestScene } from '../testing/rest.scene';
import { type AsyncApiDocument, createAsyncApiDocument } from './asyncapi.document';
import { renderEventsPage } from './events.page';
import { isVague, leavesOf } from './example.suite';

/** The events that the gateway's classes have a method for. */
function handledEvents(): string[] {
  const providers = Reflect.getMetadata('providers', RealtimeModule) as unknown[];
  const prototypes = providers.filter((each) => typeof each === 'function').map((each) => each.prototype as object);
  return prototypes.flatMap((prototype) => [...handlersOf(Object.create(prototype) as object).keys()]);
}

describe('the docs of events', () => {
  const document = createAsyncApiDocument();
  const { messages, schemas } = document.components;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });

  it('list what clients may say, which is what is answered', () => {
    const requests = Object.entries(document.operations).filter(([, { action }]) => action === 'receive');
    const listed = requests.map(([name]) => name);
    expect(listed.sort()).toEqual(Object.keys(clientFrames).sort());
    expect(handledEvents().sort()).toEqual(listed.sort());
  });

  it('list what the server says, and what for', () => {
    const events = Object.entries(document.operations).filter(([, { action }]) => action === 'send');
    expect(events.map(([name]) => name)).toEqual(Object.keys(serverFrames).map((event) => `event.${event}`));
    const silent = events.filter(([name]) => !messages[name]?.summary).map(([name]) => name);
    expect(silent).toEqual([]);
  });

  it.each(Object.keys(createAsyncApiDocument().components.messages))('show what %s may be', (name) => {
    const { payload, examples } = messages[name] ?? { payload: {}, examples: [] };
    expect(examples).toHaveLength(1);
    ajv.validate({ ...payload, components: { schemas } }, examples[0]?.payload);
    expect(ajv.errors ?? []).toEqual([]);
  });

  it('show what all text looks like, and times as times', () => {
    const shown = Object.values(messages).flatMap(({ examples }) => examples);
    expect(leavesOf(shown).filter(isVague)).toEqual([]);
  });

  it.each(Object.entries(clientFrames))('show a %s that is accepted', (event, { frame }) => {
    expect(frame.safeParse(messages[event]?.examples[0]?.payload)).toMatchObject({ success: true });
  });

  it.each(['conversation_created', 'conversation_updated', 'participant_added', 'participant_updated'])(
    'show nobody online in a %s, and say who tells of it',
    (event) => {
      const { summary, examples } = messages[`event.${event}`] ?? {};
      const shown = JSON.stringify(examples);
      expect(shown).toContain('"status":"offline","last_seen":null');
      expect(shown).not.toContain('"status":"online"');
      expect(summary).toMatch(/`subscribe_presence`.*`user_status_change`/);
    },
  );

  it('list the codes that sockets are closed with, and which ask to come back', () => {
    const page = renderEventsPage(document);
    const listed = document.channels.socket['x-close-codes'];
    expect(listed.map(({ code }) => code)).toEqual(Object.values(CloseCode).sort());
    for (const { code, reconnect } of listed) {
      const mayReturn = code < 4400 || code === CloseCode.limited;
      expect({ code, mayReturn: reconnect !== 'no' }).toEqual({ code, mayReturn });
      expect(page).toContain(`<td><code>${code}</code></td><td>${reconnect}</td>`);
    }
    const waiting = listed.filter(({ reconnect }) => reconnect === 'after a wait').map(({ code }) => code);
    expect(waiting).toEqual([CloseCode.tryAgainLater, CloseCode.limited]);
  });

  it('point at nothing that is not there', () => {
    for (const [, pointer = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect({ pointer, found }).toMatchObject({ found: expect.anything() });
    }
  });

  it('are served to everybody, for machines and for people', async () => {
    const rest = await RestScene.start();
    try {
      const json = await rest.anybody.get<AsyncApiDocument>('/asyncapi.json');
      expect(json.status).toBe(200);
      expect(json.body).toEqual(JSON.parse(JSON.stringify(document)));
      const page = await rest.anybody.get<string>('/docs/events');
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.body).toBe(renderEventsPage(document));
    } finally {
      await rest.stop();
    }
  });

  it('are a page that has every event, links only to itself and its neighbours, and no script', () => {
    const page = renderEventsPage(document);
    for (const name of Object.keys(document.operations)) expect(page).toContain(`id="${name}"`);
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
    for (const link of links.filter((each) => each.startsWith('#'))) expect(page).toContain(`id="${link.slice(1)}"`);
    expect(new Set(links.filter((link) => !link.startsWith('#')))).toEqual(
      new Set(['data:,', '/asyncapi.json', '/docs']),
    );
    expect(page).not.toMatch(/<script|https?:/i);
  });

  it('are a page on which text is text', () => {
    const evil = `<img src=x onerror=alert(1)> & "it's" \`<b>\``;
    const [name = ''] = Object.keys(messages);
    const message = { ...messages[name], summary: evil, examples: [{ payload: { evil } }] } as never;
    const page = renderEventsPage({
      ...document,
      info: { ...document.info, title: evil, description: evil },
      components: { ...document.components, messages: { ...messages, [name]: message }, schemas: { [evil]: { evil } } },
    });
    expect(page).not.toMatch(/<img|<b>/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;it&#39;s&quot;');
  });
});
