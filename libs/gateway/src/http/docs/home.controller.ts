import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../auth/public.decorator';

/** Whoever opens the server's own address in a browser wants to know what this is. */
@Public()
@ApiExcludeController()
@Controller()
export class HomeController {
  @Get()
  @Redirect('/docs', 302)
  show(): void {}
}
