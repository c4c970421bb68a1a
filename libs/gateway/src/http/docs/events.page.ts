import type { CloseCodeMeaning } from '@parley/contracts';
import type { AsyncApiDocument, EventMessage, EventOperation } from './asyncapi.document';
import type { JsonSchema } from './json.schema';

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; max-width: 60rem; margin: 0 auto; padding: 1rem }
  code, pre { font: 14px/1.45 ui-monospace, monospace; background: #f3f4f6; border-radius: 4px }
  code { padding: 0 .25rem } pre { padding: .75rem; overflow-x: auto }
  h2 { margin-top: 3rem } h3 { margin-top: 2.5rem; border-top: 1px solid #d8dee4; padding-top: 1rem }
  h3 code { font-size: inherit; font-weight: 600; padding: 0; background: none; overflow-wrap: anywhere }
  h2 + h3 { margin-top: 1.5rem; border-top: 0; padding-top: 0 } h4 { margin-bottom: .5rem }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top }
  nav ul { columns: 12rem 3; padding-left: 1rem } .optional { color: #6a737d }
  @media (prefers-color-scheme: dark) { body { background: #15181c; color: #dfe3e8 } code, pre { background: #22272e } h3 { border-color: #373e47 } a { color: #77b3ff } }
`;

/** The AsyncAPI document as one page without scripts. */
export function renderEventsPage(document: AsyncApiDocument): string {
  const { info, channels, operations, components } = document;
  const said = Object.entries(operations);
  const [requests, events] = [said.filter(([, { reply }]) => reply), said.filter(([, { reply }]) => !reply)];
  const message = (name: string): EventMessage | undefined => components.messages[name];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escape(info.title)}</title>
    <link rel="icon" href="data:," />
    <style>${style}</style>
  </head>
  <body>
    <h1>${escape(info.title)} <small>${escape(info.version)}</small></h1>
    ${paragraphs(info.description)}
    <p>The same for machines: <a href="/asyncapi.json">/asyncapi.json</a>. Calls: <a href="/docs">/docs</a>.</p>
    <nav>
      <h2>Clients say</h2>${links(requests)}
      <h2>The server says</h2>${links(events)}
    </nav>
    <h2 id="close-codes">Close codes</h2>
    ${closeCodeTable(channels.socket['x-close-codes'])}
    <h2>From clients</h2>
    ${requests.map(([name, operation]) => requestSection(name, operation, message)).join('')}
    <h2>From the server</h2>
    ${events.map(([name]) => eventSection(name, message(name))).join('')}
    <h2>Schemas</h2>
    ${Object.entries(components.schemas).map(schemaSection).join('')}
  </body>
</html>
`;
}

const anchor = (name: string): string => escape(name.replace(/[^\w.-]/g, ''));
const titleOf = (name: string): string => escape(name.replace(/^event\./, ''));

function links(operations: readonly (readonly [string, EventOperation])[]): string {
  return `<ul>${operations.map(([name]) => `<li><a href="#${anchor(name)}">${titleOf(name)}</a></li>`).join('')}</ul>`;
}

function requestSection(name: string, operation: EventOperation, find: (name: string) => EventMessage | undefined) {
  const errors = (operation['x-errors'] ?? []).map(({ code, detail }) => {
    return `<tr><td><code>${escape(code)}</code></td><td>${escape(detail)}</td></tr>`;
  });
  const ack = find(`${name}.ack`);
  return `${eventSection(name, find(name))}
    <h4>Ack</h4>${ack ? pretty(ack.examples[0]?.payload) : ''}
    <details><summary>Errors</summary><table>${errors.join('')}</table></details>`;
}

function eventSection(name: string, message: EventMessage | undefined): string {
  if (!message) return '';
  return `<h3 id="${anchor(name)}"><code>${titleOf(name)}</code></h3>
    ${message.summary === undefined ? '' : paragraphs(message.summary)}
    ${pretty(message.examples[0]?.payload)}
    <details><summary>Schema</summary>${schemaHtml(message.payload)}</details>`;
}

function schemaSection([name, schema]: readonly [string, JsonSchema]): string {
  return `<h3 id="schema.${anchor(name)}">${escape(name)}</h3>${schemaHtml(schema)}`;
}

function closeCodeTable(codes: readonly CloseCodeMeaning[]): string {
  const rows = codes.map(({ code, reconnect, meaning }) => {
    return `<tr><td><code>${code}</code></td><td>${escape(reconnect)}</td><td>${inline(meaning)}</td></tr>`;
  });
  return `<table><tr><th>code</th><th>connect again?</th><th>meaning</th></tr>${rows.join('')}</table>`;
}

/** JSON, in which references to schemas are links. */
function schemaHtml(schema: JsonSchema): string {
  const { example: _, ...shown } = schema;
  const json = escape(JSON.stringify(shown, null, 2));
  return `<pre>${json.replace(/#\/components\/schemas\/([\w.-]+)/g, '<a href="#schema.$1">$1</a>')}</pre>`;
}

const pretty = (value: unknown): string => `<pre>${escape(JSON.stringify(value, null, 2) ?? '')}</pre>`;

/** Text with code in backticks. */
const inline = (text: string): string => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** The same, with blank lines between paragraphs. */
function paragraphs(text: string): string {
  return inline(text)
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph}</p>`)
    .join('');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
