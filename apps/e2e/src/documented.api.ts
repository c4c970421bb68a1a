import { RestClient, type RestAnswer } from '@parley/testing';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';

type Schema = Readonly<Record<string, unknown>>;

interface Media {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, unknown>>;
}
type Content = Readonly<Record<string, Media>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
}

/** One thing that the REST API can do, as its document tells it. */
export interface Operation {
  /** `GET /api/conversations/{id}` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly needsToken: boolean;
  /** Of its JSON body. */
  readonly body: Schema | undefined;
  readonly answers: Readonly<Record<string, { readonly content?: Content }>>;
}

/** One frame that clients may send. */
export interface Request {
  readonly event: string;
  readonly payload: Schema;
  readonly codes: readonly string[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface RawOperation {
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Operation['answers'];
}
interface AsyncApi {
  readonly operations: Readonly<
    Record<string, { readonly action: string; readonly 'x-errors'?: readonly { readonly code: string }[] }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload: Schema }>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
}

/** What a server says of itself in `/openapi.json` and `/asyncapi.json`, to be compared with what it does. */
export class DocumentedApi {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly requests: ReadonlyMap<string, Request>;
  readonly events: readonly string[];
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();

  private constructor(
    private readonly openApi: OpenApi,
    private readonly asyncApi: AsyncApi,
  ) {
    const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => toOperation(method.toUpperCase(), path, operation)),
    );
    this.operations = new Map(operations.map((operation) => [operation.name, operation]));
    const said = Object.entries(asyncApi.operations);
    this.requests = new Map(
      said
        .filter(([, { action }]) => action === 'receive')
        .map(([event, { 'x-errors': errors = [] }]) => {
          const payload = asyncApi.components.messages[event]?.payload ?? {};
          return [event, { event, payload, codes: errors.map(({ code }) => code) }];
        }),
    );
    this.events = said.filter(([, { action }]) => action === 'send').map(([name]) => name.replace(/^event\./, ''));
  }

  static async read(url: string): Promise<DocumentedApi> {
    const client = new RestClient(url);
    const [openApi, asyncApi] = [
      await client.get<OpenApi>('/openapi.json'),
      await client.get<AsyncApi>('/asyncapi.json'),
    ];
    return new DocumentedApi(openApi.body, asyncApi.body);
  }

  /** @throws where no document tells of it. */
  operation(name: string): Operation {
    const operation = this.operations.get(name);
    if (!operation) throw new Error(`${name} is not documented`);
    return operation;
  }

  /** What the documents' references point into. */
  get components(): object {
    const schemas = { ...this.asyncApi.components.schemas, ...this.openApi.components.schemas };
    return { schemas };
  }

  /** The schema that a reference names; any other is itself. */
  resolve(schema: Schema): Schema {
    const { $ref: reference } = schema;
    const name = typeof reference === 'string' ? reference.replace('#/components/schemas/', '') : '';
    return this.openApi.components.schemas[name] ?? this.asyncApi.components.schemas[name] ?? schema;
  }

  /** How an answer differs from what is documented; empty where it does not. */
  mistakesOf({ name, answers }: Operation, { status, headers, body }: RestAnswer): string[] {
    const content = answers[String(status)]?.content;
    if (content === undefined) return [`${name} answered ${status}, which is not documented`];
    const type = (headers.get('content-type') ?? '').replace(/;.*$/, '');
    const media = content[type] ?? content['*/*'];
    if (media === undefined) return [`${name} answered ${status} with ${type}, which is not documented`];
    const mistakes = media.schema ? this.check(`${name} ${status}`, media.schema, body, this.openApi) : [];
    const { code } = status >= 400 ? (body as { readonly code?: string }) : {};
    if (code !== undefined && !(code in (media.examples ?? {}))) {
      mistakes.push(`${name} answered ${code}, which is not documented`);
    }
    return mistakes;
  }

  /** The same of the ack of a frame. */
  mistakesOfAck(event: string, ack: { readonly ok: boolean }): string[] {
    return this.checkMessage(`${event}.${ack.ok ? 'ack' : 'refused'}`, ack);
  }

  /** The same of what the server says by itself. */
  mistakesOfEvent(event: string, payload: unknown): string[] {
    return this.events.includes(event) ? this.checkMessage(`event.${event}`, payload) : [`${event} is not documented`];
  }

  private checkMessage(name: string, payload: unknown): string[] {
    return this.check(name, this.asyncApi.components.messages[name]?.payload ?? {}, payload, this.asyncApi);
  }

  private check(name: string, schema: Schema, value: unknown, { components }: OpenApi | AsyncApi): string[] {
    let validate = this.validators.get(name);
    if (!validate) {
      validate = this.ajv.compile({ ...schema, components: { schemas: components.schemas } });
      this.validators.set(name, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${name}: ${instancePath} ${message}`);
  }
}

function toOperation(method: string, path: string, raw: RawOperation): Operation {
  return {
    name: `${method} ${path}`,
    method,
    path,
    parameters: raw.parameters ?? [],
    needsToken: raw.security !== undefined,
    body: raw.requestBody?.content['application/json']?.schema,
    answers: raw.responses,
  };
}
