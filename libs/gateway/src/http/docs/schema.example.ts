import { Timestamp } from '@parley/contracts';
import { type Definitions, type JsonSchema, resolve } from './json.schema';

const exampleTime = Timestamp.meta()?.['example'];

/** For text of which nobody has said what it looks like. */
export const placeholder = 'text';

/**
 * Something that a schema accepts: its own `example`, or one made of those of its parts. What may be null is null, unless it
 * says what it likes to be.
 */
export function exampleOf(schema: JsonSchema, definitions: Definitions): unknown {
  if (schema['example'] !== undefined) return schema['example'];
  if (schema.$ref !== undefined) return exampleOf(resolve(schema, definitions), definitions);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return exampleOfOptions(options, definitions);
  // Several types are one that may be null, too, whatever the converter's own types say of it.
  return Array.isArray(schema.type) ? null : exampleOfType(schema, definitions);
}

function exampleOfOptions(options: readonly JsonSchema[], definitions: Definitions): unknown {
  const [first] = options;
  return first === undefined || options.some(({ type }) => type === 'null') ? null : exampleOf(first, definitions);
}

function exampleOfType(schema: JsonSchema, definitions: Definitions): unknown {
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries((schema.properties ?? {}) as Definitions).map(([name, property]) => {
          return [name, exampleOf(property, definitions)];
        }),
      );
    case 'array':
      return schema.items === undefined ? [] : [exampleOf(schema.items as JsonSchema, definitions)];
    case 'string':
      return exampleOfText(schema);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return false;
    case 'null':
    case undefined:
      return null;
  }
}

const exampleOfText = ({ format }: JsonSchema): unknown => (format === 'date-time' ? exampleTime : placeholder);
