import { applyDecorators, Controller, UsePipes } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { addAlternatives } from './also.decorator';
import { SchemaPipe } from './schema.pipe';

/** A controller of the REST API: what its routes take by a schema is parsed by it, and the docs list them under `tag`. */
export const RestController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(Controller(path), ApiTags(tag), UsePipes(SchemaPipe), addAlternatives);
