import {
  type ClientEvent,
  type ClientFrame,
  clientFrames,
  type CloseCodeMeaning,
  closeCodes,
  type ServerEvent,
  serverFrames,
} from '@parley/contracts';
import { catalogue, type ErrorCode } from '@parley/errors';
import { type z } from 'zod';
import { version } from '../../../package.json';
import { type JsonSchema, referenceTo, SchemaBook } from './json.schema';
import { problemExampleOf, ProblemSchema } from './problem.schema';
import { exampleOf } from './schema.example';

const description = `What clients and server tell each other over sockets: one set of events, two transports.

Over Socket.IO (path \`/socket.io\`, WebSocket only) an event is emitted under its name with the payload as its argument, and
an ack is the acknowledgement of that emit. Over a plain WebSocket (\`/api/ws\`) a frame is the payload as JSON with the name as
\`type\`; a frame with a \`request_id\` gets \`{ "type": "ack", "request_id", "ok", "data" | "error" }\`. What fails and was sent
without asking for an ack is told by the event \`error\`.

The token comes in the handshake: \`auth.token\` (Socket.IO), \`?token=\`, the path \`/api/ws/{token}\`, or the header
\`Authorization: Bearer\`. Events of durable changes carry \`rev\`, and a socket gets those of a conversation in its order,
without gaps or repeats.

Of the codes that a socket is closed with, 4000-4399 ask to connect again, 4400-4499 not to; 1013 and 4429 ask to wait first.
A client of Socket.IO hears a refused handshake as \`connect_error\` instead, with the problem as its \`data\`.`;

/** What every frame can be answered with, beside what is its own. */
const everywhere = ['rate_limited', 'service_unavailable', 'internal_error'] as const satisfies ErrorCode[];

interface Reference {
  readonly $ref: string;
}

export interface EventMessage {
  readonly name: string;
  readonly title: string;
  readonly summary?: string;
  readonly payload: JsonSchema;
  readonly examples: readonly { readonly payload: unknown }[];
}

export interface EventOperation {
  /** From the server's side: it receives what clients say, and sends the rest. */
  readonly action: 'receive' | 'send';
  readonly channel: Reference;
  readonly summary?: string;
  readonly messages: readonly Reference[];
  readonly reply?: { readonly channel: Reference; readonly messages: readonly Reference[] };
  /** The codes that an ack's problem may have. */
  readonly 'x-errors'?: readonly { readonly code: ErrorCode; readonly detail: string }[];
}

/** As much of AsyncAPI 3.0 as is needed to tell of one channel with requests, their answers, and events. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly defaultContentType: 'application/json';
  readonly servers: Readonly<Record<string, object>>;
  readonly channels: {
    readonly socket: {
      readonly messages: Readonly<Record<string, Reference>>;
      readonly 'x-close-codes': readonly CloseCodeMeaning[];
    } & object;
  };
  readonly operations: Readonly<Record<string, EventOperation>>;
  readonly components: {
    readonly messages: Readonly<Record<string, EventMessage>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: object;
  };
}

const channel: Reference = { $ref: '#/channels/socket' };
const inChannel = (name: string): Reference => ({ $ref: `#/channels/socket/messages/${name}` });

/** The AsyncAPI document of all frames, made from the schemas that they are parsed by and typed with. */
export function createAsyncApiDocument(): AsyncApiDocument {
  const book = new SchemaBook();
  book.definitions['Problem'] = book.add(ProblemSchema);
  const messages: Record<string, EventMessage> = {};
  const operations: Record<string, EventOperation> = {};
  for (const [event, frame] of Object.entries(clientFrames)) {
    const told = describeClientEvent(event as ClientEvent, frame, book);
    Object.assign(messages, told.messages);
    operations[event] = told.operation;
  }
  for (const [event, payload] of Object.entries(serverFrames)) {
    const name = `event.${event}`;
    messages[name] = describeServerEvent(event as ServerEvent, payload, book);
    operations[name] = { action: 'send', channel, ...summaryOf(payload), messages: [inChannel(name)] };
  }
  return assemble(messages, operations, book.definitions);
}

/** A request and its two answers: messages `x`, `x.ack` and `x.refused`. */
function describeClientEvent(event: ClientEvent, { summary, frame, ack, errors }: ClientFrame, book: SchemaBook) {
  const [done, refused] = [`${event}.ack`, `${event}.refused`];
  const codes = [...new Set<ErrorCode>(['validation_failed', ...errors, ...everywhere])];
  const messages = {
    [event]: messageOf(event, book.add(frame), book, summary),
    [done]: messageOf(done, answerSchema(true, { data: book.add(ack) }), book, 'It was done.'),
    [refused]: messageOf(refused, answerSchema(false, { error: problemOf(codes) }), book, 'It was not done.'),
  };
  const operation: EventOperation = {
    action: 'receive',
    channel,
    summary,
    messages: [inChannel(event)],
    reply: { channel, messages: [inChannel(done), inChannel(refused)] },
    'x-errors': codes.map((code) => ({ code, detail: catalogue[code].detail })),
  };
  return { messages, operation };
}

const describeServerEvent = (event: ServerEvent, payload: z.ZodType, book: SchemaBook): EventMessage =>
  messageOf(event, book.add(payload), book, summaryOf(payload).summary);

function messageOf(name: string, payload: JsonSchema, book: SchemaBook, summary?: string): EventMessage {
  const example = exampleOf(payload, book.definitions);
  return {
    name,
    title: name,
    ...(summary === undefined ? {} : { summary }),
    payload,
    examples: [{ payload: example }],
  };
}

function summaryOf(payload: z.ZodType): { readonly summary?: string } {
  const { description: summary } = payload;
  return summary === undefined ? {} : { summary };
}

function answerSchema(ok: boolean, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const required = ['ok', ...Object.keys(properties)];
  return { type: 'object', properties: { ok: { type: 'boolean', const: ok }, ...properties }, required };
}

/** A problem of one of these codes; the first is the example. */
function problemOf(codes: readonly [ErrorCode, ...ErrorCode[]] | readonly ErrorCode[]): JsonSchema {
  const [first = 'internal_error'] = codes;
  const code: JsonSchema = { type: 'string', enum: [...codes] };
  return {
    allOf: [referenceTo('Problem'), { type: 'object', properties: { code } }],
    example: problemExampleOf(first),
  };
}

function assemble(
  messages: Readonly<Record<string, EventMessage>>,
  operations: Readonly<Record<string, EventOperation>>,
  schemas: Readonly<Record<string, JsonSchema>>,
): AsyncApiDocument {
  const host = { host: '{host}', variables: { host: { default: 'localhost:8000' } } };
  const security = [{ $ref: '#/components/securitySchemes/token' }];
  const references = Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }] as const);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley events', version, description },
    defaultContentType: 'application/json',
    servers: {
      plain: { ...host, pathname: '/api/ws', protocol: 'ws', description: 'Plain WebSocket.', security },
      socketio: { ...host, pathname: '/socket.io', protocol: 'socket.io', description: 'Socket.IO.', security },
    },
    channels: {
      socket: {
        address: null,
        title: 'One socket',
        messages: Object.fromEntries(references),
        'x-close-codes': closeCodes,
      } as AsyncApiDocument['channels']['socket'],
    },
    operations,
    components: {
      messages,
      schemas,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
