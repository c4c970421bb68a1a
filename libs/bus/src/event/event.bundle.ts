import { readJson, writeJson } from '@parley/contracts';
import { LazyEvent } from './received.event';
import type { OutgoingEvent } from './outgoing.event';

/** Where bundles of durable events pass, and what the stream keeps: those that hold nothing but bulk apart from the others. */
export const bundleSubjects = { all: 'chat.events.*', bulk: 'chat.events.bulk', facts: 'chat.events.facts' } as const;

/** Of one bundle, in bytes: well below what brokers carry in one message by default (1 MiB). */
const maxBundleBytes = 512 * 1024;

export interface EventBundle {
  readonly text: string;
  /** Which of the events it holds, `<first>-<last>`: names the bundle among those of one publication. */
  readonly name: string;
  readonly subject: typeof bundleSubjects.bulk | typeof bundleSubjects.facts;
}

/**
 * Events as they travel together: a line each, `<subject> <payload as JSON>`. Whoever hears a bundle takes the lines it
 * needs by their subjects and parses no others; an event by itself would cost the broker and each hearer a message.
 *
 * An event that is larger than a bundle travels alone.
 */
export function bundlesOf(events: readonly OutgoingEvent[]): EventBundle[] {
  const bundles: EventBundle[] = [];
  let text = '';
  let bytes = 0;
  let first = 0;
  let subject: EventBundle['subject'] = bundleSubjects.bulk;
  const close = (last: number) => bundles.push({ text, name: `${first}-${last}`, subject });
  events.forEach((event, place) => {
    const line = `${event.subject} ${writeJson(event.payload)}\n`;
    const lineBytes = Buffer.byteLength(line);
    if (text !== '' && bytes + lineBytes > maxBundleBytes) {
      close(place - 1);
      [text, bytes, first, subject] = ['', 0, place, bundleSubjects.bulk];
    }
    if (!event.isBulk) subject = bundleSubjects.facts;
    text += line;
    bytes += lineBytes;
  });
  if (text !== '') close(events.length - 1);
  return bundles;
}

/** The events of a bundle whose subjects are accepted, in their order. Works on one line at a time. */
export function* eventsIn(bundle: string, accepts: (subject: string) => boolean): Iterable<LazyEvent> {
  for (let start = 0; start < bundle.length;) {
    const newline = bundle.indexOf('\n', start);
    const end = newline < 0 ? bundle.length : newline;
    const space = bundle.indexOf(' ', start);
    if (space < 0 || space > end) return;
    const subject = bundle.slice(start, space);
    if (accepts(subject)) yield new LazyEvent(subject, (rawField) => readJson(bundle.slice(space + 1, end), rawField));
    start = end + 1;
  }
}
