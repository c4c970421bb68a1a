import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../auth/public.decorator';
import { type AsyncApiDocument, createAsyncApiDocument } from './asyncapi.document';
import { renderEventsPage } from './events.page';

/** What sockets say and hear, for machines and for people. */
@Public()
@ApiExcludeController()
@Controller()
export class EventsController {
  private document: AsyncApiDocument | undefined;

  @Get('asyncapi.json')
  read(): AsyncApiDocument {
    return (this.document ??= createAsyncApiDocument());
  }

  @Get('docs/events')
  @Header('content-type', 'text/html; charset=utf-8')
  show(): string {
    return renderEventsPage(this.read());
  }
}
