import type { Environment } from './slice';

/** The variables of this process. Nothing else reads `process.env`. */
export function systemEnvironment(): Environment {
  return process.env;
}

/**
 * The variables of this process with `defaults` where they are unset or empty, for a process that supplies what an
 * operator need not (an embedded database's address, a generated secret).
 */
export function environmentWithDefaults(
  defaults: Readonly<Record<string, string>>,
  env: Environment = systemEnvironment(),
): Environment {
  const merged: Record<string, string | undefined> = { ...env };
  for (const [name, value] of Object.entries(defaults)) {
    if ((merged[name] ?? '').trim() === '') merged[name] = value;
  }
  return merged;
}

/** `NODE_ENV=production`: what is only meant for development is refused. */
export function isProduction(env: Environment = systemEnvironment()): boolean {
  return env['NODE_ENV']?.trim() === 'production';
}
