import { placeholder } from './schema.example';

interface Leaf {
  readonly name: string;
  readonly value: unknown;
}

/** What examples hold in the end, by the name of the field. Items of a list go by the list's name. */
export function leavesOf(value: unknown, name = ''): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ name, value }];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, name));
  return Object.entries(value).flatMap(([field, inner]) => leavesOf(inner, field));
}

const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Text that stands for any text, and times that do not look like ours. The word is also a type of messages. */
export function isVague({ name, value }: Leaf): boolean {
  if (typeof value !== 'string') return false;
  if (/(_at|_time|^timestamp|^last_seen)$/.test(name)) return !time.test(value);
  return value === placeholder && name !== 'message_type';
}
