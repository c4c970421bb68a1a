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
    /** Are payloads of trusted events checked as all others are? */
    private readonly isStrict = false,
  ) {}

  parse<E extends ChatEvent>(event: E): PayloadOf<E> {
    try {
      this.content ??= { value: this.read(event.rawField) };
      const { value } = this.content;
      if (!this.isStrict && event.isOfKind?.(value)) return value as PayloadOf<E>;
      return event.payload.parse(value) as PayloadOf<E>;
    } catch (cause) {
      throw new AppError('internal_error', {
        cause: new Error(`An event on ${this.subject} does not fit ${event.name}`, { cause }),
      });
    }
  }
}
