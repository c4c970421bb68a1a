import type { ParameterDecoratorOptions } from '@nestjs/common';
import { MessageBody } from '@nestjs/websockets';
import { FrameValidationPipe } from './frame-validation.pipe';

/** For a handler's other parameters there is nothing to be checked, and a pipe that looks at them costs. */
const pipes = [new FrameValidationPipe()];

/** Parameter of a frame's handler: what the client said, checked against a schema. */
export function Frame(schema: NonNullable<ParameterDecoratorOptions['schema']>): ParameterDecorator {
  return MessageBody({ schema, pipes });
}
