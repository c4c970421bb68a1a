import { Controller, Get, Header, Res } from '@nestjs/common';
import { type DetailedHealthDocument, type HealthDocument, HealthService } from './health.service';
import { Readiness } from './readiness';

/** What Fastify's and Express' responses have in common. */
interface StatusResponse {
  status(code: number): unknown;
}

/** Health over HTTP, for probes and people. 503 answers have the same shape as 200 ones. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly readiness: Readiness,
  ) {}

  /** 200 `healthy` or `degraded`, 503 `unhealthy`: HealthDocument. */
  @Get()
  @Header('cache-control', 'no-store')
  async summary(@Res({ passthrough: true }) response: StatusResponse): Promise<HealthDocument> {
    const { status, timestamp } = await this.health.examine();
    return answer(response, { status, timestamp });
  }

  /** Always 200 `healthy`: the process runs. Depends on nothing. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): HealthDocument {
    return { status: 'healthy', timestamp: new Date().toISOString() };
  }

  /** 200 `healthy` between start and drain, else 503 `unhealthy`. Depends on this process alone. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  ready(@Res({ passthrough: true }) response: StatusResponse): HealthDocument {
    const status = this.readiness.isReady ? 'healthy' : 'unhealthy';
    return answer(response, { status, timestamp: new Date().toISOString() });
  }

  /** As the summary, with each dependency: DetailedHealthDocument. */
  @Get('detailed')
  @Header('cache-control', 'no-store')
  async detailed(@Res({ passthrough: true }) response: StatusResponse): Promise<DetailedHealthDocument> {
    return answer(response, await this.health.examine());
  }
}

function answer<D extends HealthDocument>(response: StatusResponse, document: D): D {
  response.status(document.status === 'unhealthy' ? 503 : 200);
  return document;
}
