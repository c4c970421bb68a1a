import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;
export type Definitions = Readonly<Record<string, JsonSchema>>;

/** What a reference to a schema of the document begins with. */
const place = '#/components/schemas/';

export const referenceTo = (name: string): JsonSchema => ({ $ref: `${place}${name}` });

/** The schema that a reference names; any other is itself. */
export function resolve(schema: JsonSchema, definitions: Definitions): JsonSchema {
  const name = schema.$ref?.slice(place.length);
  return name === undefined ? schema : (definitions[name] ?? {});
}

/**
 * A zod schema as JSON Schema (2020-12), and the named ones that it refers to.
 *
 * Always as it is read, also where it describes an answer. What it says of an answer holds, and clients made from it accept
 * the fields that later versions add.
 */
function toJsonSchema(schema: z.ZodType): { readonly schema: JsonSchema; readonly definitions: Definitions } {
  const { $schema: _, $defs = {}, ...converted } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return { schema: pointToComponents(converted), definitions: pointToComponents($defs as Definitions) };
}

function pointToComponents<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/$defs/', `"$ref":"${place}`)) as T;
}

/** The named schemas of one document: a name means one thing. */
export class SchemaBook {
  readonly definitions: Record<string, JsonSchema> = {};

  /** @throws Error where a name was given to two different schemas. */
  add(schema: z.ZodType): JsonSchema {
    const converted = toJsonSchema(schema);
    for (const [name, definition] of Object.entries(converted.definitions)) {
      const known = this.definitions[name];
      if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
        throw new Error(`two different schemas are called ${name}`);
      }
      this.definitions[name] = definition;
    }
    return converted.schema;
  }
}
