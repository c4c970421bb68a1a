import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DevTokenIssuer, TokenVerifier, UserDirectory } from '@parley/gateway';
import type { DevelopmentTokens } from './standalone.banner';

/** Two users to try Parley with; undefined where the development issuer is off. Their profiles exist when this resolves. */
export async function welcomeDevelopers(app: NestFastifyApplication): Promise<DevelopmentTokens | undefined> {
  if (!app.get(DevTokenIssuer, { strict: false }).isEnabled) return undefined;
  const [alice, bob] = await Promise.all([welcome(app, 'alice', 'Alice'), welcome(app, 'bob', 'Bob')]);
  return { alice, bob };
}

async function welcome(app: NestFastifyApplication, userId: string, name: string): Promise<string> {
  const { token } = await app.get(DevTokenIssuer, { strict: false }).issue({ userId, name });
  const session = await app.get(TokenVerifier, { strict: false }).verify(token);
  await app.get(UserDirectory, { strict: false }).ensure(session);
  return token;
}
