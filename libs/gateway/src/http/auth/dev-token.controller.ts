import { Body, Post, UseGuards } from '@nestjs/common';
import { text, Timestamp, UserId } from '@parley/contracts';
import { z } from 'zod';
import { DevIssuerGuard } from '../../auth/dev-issuer.guard';
import { DevTokenIssuer } from '../../auth/dev-token.issuer';
import { Public } from '../../auth/public.decorator';
import { TokenVerifier } from '../../auth/token.verifier';
import { UserDirectory } from '../../auth/user.directory';
import { bodyErrors, Route } from '../route/route.decorator';
import { RequestId } from '../route/request-id.decorator';
import { RestController } from '../route/rest-controller.decorator';

const DevTokenBody = z
  .object({
    user_id: UserId,
    name: text(0, 100).nullish(),
    email: text(0, 320).nullish(),
    role: text(0, 64).nullish(),
  })
  .meta({ id: 'DevTokenRequest', example: { user_id: 'alice', name: 'Alice' } });
type DevTokenBody = z.infer<typeof DevTokenBody>;

const DevTokenView = z
  .object({
    token: z.string().meta({ example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln' }),
    user_id: UserId,
    expires_at: Timestamp,
  })
  .meta({ id: 'DevToken' });
type DevTokenView = z.infer<typeof DevTokenView>;

@Public()
@UseGuards(DevIssuerGuard)
@RestController('api/auth/dev-token', 'Development')
export class DevTokenController {
  constructor(
    private readonly issuer: DevTokenIssuer,
    private readonly tokens: TokenVerifier,
    private readonly users: UserDirectory,
  ) {}

  @Post()
  @Route({
    summary: 'Get a token for any user',
    description:
      'For development only: exists where `AUTH_DEV_ISSUER` is on, which production refuses. Good for 24 hours.',
    answers: { 201: DevTokenView },
    errors: ['route_not_found', ...bodyErrors],
    needsToken: false,
  })
  async create(
    @Body({ schema: DevTokenBody }) body: DevTokenBody,
    @RequestId() requestId: string,
  ): Promise<DevTokenView> {
    const { token, expiresAt } = await this.issuer.issue({
      userId: body.user_id,
      name: body.name ?? undefined,
      email: body.email ?? undefined,
      role: body.role ?? undefined,
    });
    // The profile is there at once, so that others can open a conversation before this user's first request.
    await this.users.read(await this.tokens.verify(token), requestId);
    return { token, user_id: body.user_id, expires_at: expiresAt.toISOString() };
  }
}
