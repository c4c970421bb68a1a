import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../auth/public.decorator';

/** What the bundle would load from its maker's host: a mark in the corner of the page. */
const foreignLogo = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const noPicture = 'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E';

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley API</title>
    <link rel="icon" href="data:," />
    <style>body { margin: 0 }</style>
  </head>
  <body>
    <redoc spec-url="/openapi.json"></redoc>
    <script src="/redoc/redoc.standalone.js"></script>
  </body>
</html>
`;

/** The reference as one page, made in the browser by Redoc. */
@Public()
@ApiExcludeController()
@Controller('redoc')
export class RedocController {
  private script: Promise<string> | undefined;

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  show(): string {
    return page;
  }

  @Get('redoc.standalone.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'public, max-age=3600')
  readScript(): Promise<string> {
    this.script ??= readFile(findBundle(), 'utf8').then((script) => script.replaceAll(foreignLogo, noPicture));
    return this.script;
  }
}

/** Where the build puts it, beside the applications; in a checkout the package has it. */
function findBundle(): string {
  const built = path.join(__dirname, '../../assets/redoc.standalone.js');
  return existsSync(built) ? built : createRequire(__filename).resolve('redoc/bundles/redoc.standalone.js');
}
