import { z } from 'zod';

/**
 * A value and the JSON that it is written as: each is made of the other when it is first asked for. Who only passes a value
 * on neither parses nor writes it again.
 */
export class RawJson<T> {
  private constructor(
    private written: string | undefined,
    private content: { readonly value: T } | undefined,
  ) {}

  static of<T>(value: T): RawJson<T> {
    return new RawJson<T>(undefined, { value });
  }

  /** @param text JSON of our own making: it is not looked at before somebody asks for the value. */
  static read<T>(text: string): RawJson<T> {
    return new RawJson<T>(text, undefined);
  }

  get text(): string {
    return (this.written ??= JSON.stringify(this.value));
  }

  /** @throws SyntaxError when the text is no JSON. */
  get value(): T {
    return (this.content ??= { value: JSON.parse(this.text) as T }).value;
  }

  /** The same object with fields that it does not have yet. */
  with<Fields extends object>(fields: Fields): RawJson<T & Fields> {
    return RawJson.read(`${this.text.slice(0, -1)},${JSON.stringify(fields).slice(1)}`);
  }

  toJSON(): T {
    return this.value;
  }
}

/** A field of an object that travels as {@link RawJson}: the last one in its schema, behind others. */
export interface RawField {
  readonly name: string;
  /** What its value is to be. Who makes it sees to that; it is not checked on the way. */
  readonly schema: z.ZodType;
}

/** How far down a {@link RawJson} is looked for. */
const maxDepth = 2;

const schemas = new WeakMap<z.ZodType, z.ZodType>();

/** The schema of a field that travels as {@link RawJson}. */
export function rawJson<Schema extends z.ZodType>(schema: Schema): z.ZodType<RawJson<z.infer<Schema>>> {
  const field = z.custom<RawJson<z.infer<Schema>>>((value) => value instanceof RawJson);
  schemas.set(field, schema);
  return field;
}

/** The last field of an object's schema, if it travels as it is. */
export function rawFieldOf(object: z.ZodType): RawField | undefined {
  const [name, field] = (object instanceof z.ZodObject && Object.entries<z.ZodType>(object.shape).at(-1)) || [];
  const schema = field && schemas.get(field);
  return name !== undefined && schema ? { name, schema } : undefined;
}

/**
 * The JSON of a value. A {@link RawJson} that it holds, or that the object at its end holds, is taken as it is written, and
 * comes last.
 */
export function writeJson(value: unknown): string {
  return findRaw(value) ? writeRaw(value) : JSON.stringify(value);
}

/** The object that {@link writeJson} wrote; its raw field is not parsed. */
export function readJson(text: string, field: RawField | undefined): unknown {
  const mark = field && `,${JSON.stringify(field.name)}:`;
  // In a string the quotes of the mark would be escaped: the first place where it stands is the field's.
  const at = mark === undefined ? -1 : text.indexOf(mark);
  if (!field || mark === undefined || at < 0) return JSON.parse(text);
  const head = JSON.parse(`${text.slice(0, at)}}`) as object;
  return { ...head, [field.name]: RawJson.read(text.slice(at + mark.length, -1)) };
}

/** Is there a {@link RawJson} on the way from object to object that stands at the end? */
function findRaw(value: unknown, depth = 0): boolean {
  if (value instanceof RawJson) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth === maxDepth) return false;
  return findRaw((value as Record<string, unknown>)[wayOf(value)], depth + 1);
}

function writeRaw(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  const fields = value as Record<string, unknown>;
  const end = wayOf(fields);
  let head = '';
  for (const name in fields) {
    const written = name === end ? undefined : (JSON.stringify(fields[name]) as string | undefined);
    if (written !== undefined) head += `${JSON.stringify(name)}:${written},`;
  }
  return `{${head}${JSON.stringify(end)}:${writeRaw(fields[end])}}`;
}

/** The name of an object's field that is a {@link RawJson}, or else of its last. */
function wayOf(fields: object): string {
  let last = '';
  for (const name in fields) {
    last = name;
    if ((fields as Record<string, unknown>)[name] instanceof RawJson) break;
  }
  return last;
}
