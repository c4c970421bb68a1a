import type { z } from 'zod';

/** The variables of a process, as the operating system gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that stands in for an unset variable, built from other variables. */
export interface Fallback {
  /** The variables that it is built from. */
  readonly env: readonly string[];
  /** For the documentation: what it becomes. */
  readonly description: string;
  /** The text that the variable would have held, or undefined to leave it unset. */
  value(read: (name: string) => string | undefined): string | undefined;
}

/** One setting: the variable that holds it, and what its text may be. */
export interface Variable<Schema extends z.ZodType<unknown, string> = z.ZodType<unknown, string>> {
  readonly env: string;
  /** Reads the text. Its messages must not repeat the value, which may be a secret. */
  readonly schema: Schema;
  /** The text that an unset variable has. Without it the value is undefined, unless `required`. */
  readonly default?: string;
  readonly required?: true;
  readonly description: string;
  /** Its value never leaves the process; the documentation says so. */
  readonly secret?: true;
  readonly fallback?: Fallback;
}

type Variables = Readonly<Record<string, Variable>>;

type ValueOf<V extends Variable> = V extends { readonly default: string } | { readonly required: true }
  ? z.output<V['schema']>
  : z.output<V['schema']> | undefined;

type ValuesOf<V extends Variables> = { readonly [Field in keyof V]: ValueOf<V[Field]> };

/** What is wrong with one variable. Never holds the variable's value. */
export interface ConfigProblem {
  readonly variable: string;
  readonly message: string;
}

/**
 * What no single variable can tell, such as two that exclude each other: yields what is wrong. It ends where it reads a
 * variable that is wrong by itself; what it yielded until then stands. So a rule reads only what it is about.
 */
export type Rule<Values> = (values: Values, production: boolean) => Iterable<ConfigProblem>;

/** A group of settings that is validated, injected and documented together. */
export interface Slice<Name extends string = string, Values = unknown> {
  readonly name: Name;
  /** Nest's injection token of the values. */
  readonly token: symbol;
  readonly variables: Variables;
  readonly rules: readonly Rule<Values>[];
}

/** The values of a slice, all fields present, frozen. */
export type SliceOf<S> = S extends { rules: readonly Rule<infer Values>[] } ? Values : never;

/**
 * Declares a slice.
 *
 * @param name the key of its values in what `loadConfig` returns.
 * @param variables by field. An empty variable counts as unset.
 * @param rules each is judged by itself, whatever is wrong with variables that it does not read.
 */
export function defineSlice<Name extends string, const V extends Variables>(
  name: Name,
  variables: V,
  ...rules: readonly Rule<ValuesOf<V>>[]
): Slice<Name, ValuesOf<V>> {
  return Object.freeze({ name, token: Symbol(`config:${name}`), variables, rules });
}
