import { z } from 'zod';
import { RawJson, rawSchemaOf } from './raw.json';

/** Is a value of the kinds that a schema names: text, a number, a list, an object with these fields? */
export type KindCheck = (value: unknown) => boolean;

/**
 * The check of kinds that a schema stands for, without what it asks of them beside (lengths, patterns, ranges). It costs a
 * fraction of parsing. A value that passes is taken as it is, so the schema may not be one that changes values.
 *
 * @throws Error for one that does, or is not made of the kinds below.
 */
export function kindCheckOf(schema: z.ZodType): KindCheck {
  if (changesValues(schema)) throw new Error(`Values of ${schema.type} are changed, and cannot be taken as they are`);
  if (schema instanceof z.ZodString) return (value) => typeof value === 'string';
  if (schema instanceof z.ZodNumber) return (value) => typeof value === 'number';
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === 'boolean';
  if (schema instanceof z.ZodRecord) return isRecord;
  if (schema instanceof z.ZodLiteral) return oneOf(schema.values);
  if (schema instanceof z.ZodNullable) return nullable(kindCheckOf(schema.unwrap() as z.ZodType));
  if (schema instanceof z.ZodArray) return listOf(kindCheckOf(schema.element as z.ZodType));
  if (schema instanceof z.ZodUnion) return anyOf((schema.options as readonly z.ZodType[]).map(kindCheckOf));
  if (schema instanceof z.ZodObject) return objectOf(schema.shape);
  if (rawSchemaOf(schema)) return (value) => value instanceof RawJson;
  throw new Error(`Values of ${schema.type} cannot be told by their kind`);
}

function changesValues({ def }: z.ZodType): boolean {
  const { coerce = false, checks = [] } = def as { coerce?: boolean; checks?: readonly z.core.$ZodCheck[] };
  return coerce || checks.some((check) => check._zod.def.check === 'overwrite');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oneOf(values: ReadonlySet<unknown>): KindCheck {
  return (value) => values.has(value);
}

function nullable(check: KindCheck): KindCheck {
  return (value) => value === null || check(value);
}

function listOf(check: KindCheck): KindCheck {
  return (value) => Array.isArray(value) && value.every(check);
}

function anyOf(checks: readonly KindCheck[]): KindCheck {
  return (value) => checks.some((check) => check(value));
}

function objectOf(shape: Readonly<Record<string, z.ZodType>>): KindCheck {
  const fields = Object.entries(shape).map(([name, schema]) => ({ name, check: kindCheckOf(schema) }));
  return (value) => {
    if (!isRecord(value)) return false;
    for (const { name, check } of fields) if (!check(value[name])) return false;
    return true;
  };
}
