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

  /** @param text the value's JSON, where that is known. */
  static of<T>(value: T, text?: string): RawJson<T> {
    return new RawJson<T>(text, { value });
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

  toJSON(): T {
    return this.value;
  }
}

/** A field of an object that travels as {@link RawJson}: the last one in its schema, behind others. */
export interface RawField {
  readonly name: string;
  /** What its value is to be. Who makes it sees to that; it is not checked on the way. */
  readonly schema: z.ZodType;
  /** What stands before it in the object's JSON. */
  readonly mark: string;
  /** The JSON of an object that has it: the fields of its schema. */
  write(object: unknown): string;
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

/** What the value of a field is to be that travels as {@link RawJson}; undefined for all others. */
export function rawSchemaOf(field: z.ZodType): z.ZodType | undefined {
  return schemas.get(field);
}

/** The last field of an object's schema, if it travels as it is. */
export function rawFieldOf(object: z.ZodType): RawField | undefined {
  if (!(object instanceof z.ZodObject)) return undefined;
  const names = Object.keys(object.shape);
  const name = names.pop();
  const schema = name === undefined ? undefined : schemas.get(object.shape[name] as z.ZodType);
  if (name === undefined || !schema) return undefined;
  const mark = `,${JSON.stringify(name)}:`;
  return { name, schema, mark, write: writerOf(names, name) };
}

/** Writes objects of one schema, whose last field is a {@link RawJson}. */
function writerOf(others: readonly string[], last: string): (object: unknown) => string {
  const marks = others.map((name) => ({ name, mark: `${JSON.stringify(name)}:` }));
  const lastMark = `${JSON.stringify(last)}:`;
  return (object) => {
    const fields = object as Readonly<Record<string, unknown>>;
    let text = '{';
    for (const { name, mark } of marks) {
      const field = fields[name];
      if (field !== undefined) text += `${mark}${writePart(field)},`;
    }
    return `${text}${lastMark}${(fields[last] as RawJson<unknown>).text}}`;
  };
}

function writePart(value: unknown): string {
  const isWrittenAsItIs = typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  return isWrittenAsItIs ? String(value) : JSON.stringify(value);
}

/**
 * The JSON of a value. A {@link RawJson} that it holds, or that the object at its end holds, is taken as it is written, and
 * comes last.
 */
export function writeJson(value: unknown): string {
  return writeRaw(value, maxDepth) ?? JSON.stringify(value);
}

/** The object that {@link writeJson} wrote; its raw field is not parsed. */
export function readJson(text: string, field: RawField | undefined): unknown {
  // In a string the quotes of the mark would be escaped: the first place where it stands is the field's.
  const at = field ? text.indexOf(field.mark) : -1;
  if (!field || at < 0) return JSON.parse(text);
  const fields = JSON.parse(`${text.slice(0, at)}}`) as Record<string, unknown>;
  fields[field.name] = RawJson.read(text.slice(at + field.mark.length, -1));
  return fields;
}

/** @returns undefined where there is no {@link RawJson} on the way from object to object that stands at the end. */
function writeRaw(value: unknown, depth: number): string | undefined {
  if (value instanceof RawJson) return value.text;
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const end = wayOf(fields);
  const last = writeRaw(fields[end], depth - 1);
  if (last === undefined) return undefined;
  let text = '{';
  for (const name in fields) {
    const written = name === end ? undefined : (writePart(fields[name]) as string | undefined);
    if (written !== undefined) text += `${quoted(name)}:${written},`;
  }
  return `${text}${quoted(end)}:${last}}`;
}

/** A field's name as JSON has it; nearly all are words. */
function quoted(name: string): string {
  return /^\w+$/.test(name) ? `"${name}"` : JSON.stringify(name);
}

/** The name of an object's field that is a {@link RawJson}, or else of its last. */
function wayOf(fields: Readonly<Record<string, unknown>>): string {
  let last = '';
  for (const name in fields) {
    last = name;
    if (fields[name] instanceof RawJson) break;
  }
  return last;
}
