import { isProduction, systemEnvironment } from './environment';
import type { ConfigProblem, Environment, Rule, Slice, SliceOf, Variable } from './slice';

/** The values of several slices by their names: `{ http: HttpConfig, nats: NatsConfig }`. */
export type ConfigOf<Slices extends readonly Slice<string, never>[]> = {
  readonly [S in Slices[number] as S['name']]: SliceOf<S>;
};

/** Thrown before anything connects: every problem of every slice at once, readable, and never a variable's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(`The configuration is not valid:\n${lines.join('\n')}`);
  }
}

/**
 * Reads and validates `slices` without Nest, for what must be known before the modules exist.
 *
 * @throws ConfigError that lists all problems.
 */
export function loadConfig<const Slices extends readonly Slice<string, never>[]>(
  slices: Slices,
  env: Environment = systemEnvironment(),
): ConfigOf<Slices> {
  const problems: ConfigProblem[] = [];
  const config: Record<string, unknown> = {};
  for (const slice of slices) config[slice.name] = loadSlice(slice, env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config) as ConfigOf<Slices>;
}

/** Thrown at a rule that reads a variable which has no value, because it is wrong by itself. */
class NoValue extends Error {}

const noValue = {
  get(): never {
    throw new NoValue();
  },
};

function loadSlice(slice: Slice<string, never>, env: Environment, problems: ConfigProblem[]): unknown {
  const values: Record<string, unknown> = {};
  for (const [field, variable] of Object.entries(slice.variables)) {
    const before = problems.length;
    const value = loadVariable(variable, env, problems);
    Object.defineProperty(values, field, problems.length === before ? { value, enumerable: true } : noValue);
  }
  Object.freeze(values);
  for (const rule of slice.rules) problems.push(...judge(rule, values as never, isProduction(env)));
  return values;
}

/** What a rule finds, as far as it can be judged: the variable that it has no value of is told of already. */
function* judge(rule: Rule<never>, values: never, production: boolean): Iterable<ConfigProblem> {
  try {
    yield* rule(values, production);
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
  }
}

function loadVariable(variable: Variable, env: Environment, problems: ConfigProblem[]): unknown {
  const given = read(env, variable.env);
  const built = given === undefined ? variable.fallback?.value((name) => read(env, name)) : undefined;
  const text = given ?? built ?? variable.default;
  if (text === undefined) {
    if (variable.required) problems.push({ variable: variable.env, message: 'is required' });
    return undefined;
  }
  const result = variable.schema.safeParse(text);
  if (result.success) return result.data;
  const names = built === undefined ? variable.env : (variable.fallback?.env.join(', ') ?? variable.env);
  for (const { message } of result.error.issues) problems.push({ variable: names, message });
  return undefined;
}

/** A variable without the blanks around it; an empty one is unset. */
function read(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}
