import type { ChatEvent, PayloadOf, RawField } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { ReceivedEvent } from './event.bus';

/** An event whose payload is read only when somebody parses it, and then once. */
export class LazyEvent implements ReceivedEvent {
  private content: { readonly value: unknown } | undefined;

  /** @param read gives the payload as plain data, but for its raw field; may throw. */
  constructor(
    readonly subject: string,
    private readonly read: (rawField: RawField | undefined) => unknown,
  ) {}

  parse<E extends ChatEvent>(event: E): PayloadOf<E> {
    try {
      this.content ??= { value: this.read(event.rawField) };
      return event.payload.parse(this.content.value) as PayloadOf<E>;
    } catch (cause) {
      throw new AppError('internal_error', {
        cause: new Error(`An event on ${this.subject} does not fit ${event.name}`, { cause }),
      });
    }
  }
}
