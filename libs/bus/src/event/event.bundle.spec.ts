import { bundlesOf, eventsIn } from './event.bundle';

const all = () => true;
const subjectsIn = (bundle: string, accepts: (subject: string) => boolean = all) =>
  [...eventsIn(bundle, accepts)].map(({ subject }) => subject);

describe('a bundle of events', () => {
  it('gives back the events in their order, whatever their texts hold', () => {
    const events = ['plain', 'two\nlines', ' spaces ', '{"a":1}', 'ünï 👋'].map((text, n) => ({
      subject: `chat.conversation.${n}.noted`,
      payload: { text },
    }));
    const bundles = bundlesOf(events);
    expect(bundles).toHaveLength(1);
    const bundle = bundles[0]?.text ?? '';
    expect(subjectsIn(bundle)).toEqual(events.map(({ subject }) => subject));
    expect(
      bundle
        .split('\n')
        .slice(0, -1)
        .map((line): unknown => JSON.parse(line.slice(line.indexOf(' ')))),
    ).toEqual(events.map(({ payload }) => payload));
  });

  it('asks for each subject, and reads no payload that is not wanted', () => {
    const bundle = 'chat.conversation.1.noted <not JSON>\nchat.conversation.2.noted {"n":2}\n';
    expect(subjectsIn(bundle, (subject) => subject.includes('.2.'))).toEqual(['chat.conversation.2.noted']);
  });

  it('ends where a message of the broker would become too large', () => {
    const large = { subject: 'chat.conversation.1.noted', payload: 'x'.repeat(300_000) };
    expect(bundlesOf([large, large, large]).map(({ name }) => name)).toEqual(['0-0', '1-1', '2-2']);
    const huge = { subject: 'chat.conversation.2.noted', payload: 'x'.repeat(2_000_000) };
    expect(bundlesOf([large, huge, large])).toHaveLength(3);
  });

  it.each<[string, string[]]>([
    ['', []],
    ['\n\n', []],
    ['chat.x', []],
    ['no newline', ['no']],
  ])('that is garbage (%j) has the subjects %j', (text, subjects) => {
    expect(subjectsIn(text)).toEqual(subjects);
  });

  it.each([
    ['bulk', [true, true], 'chat.events.bulk'],
    ['a fact among bulk', [true, false, true], 'chat.events.facts'],
    ['facts', [undefined, false], 'chat.events.facts'],
  ])('travels where its events belong: %s', (_, kinds, subject) => {
    const events = kinds.map((isBulk, n) => ({ subject: `chat.conversation.${n}.noted`, payload: {}, isBulk }));
    expect(bundlesOf(events)).toMatchObject([{ subject }]);
  });

  it('is empty for no events', () => {
    expect(bundlesOf([])).toEqual([]);
  });
});
