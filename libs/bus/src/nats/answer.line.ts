import { type RawField, RawJson, readJson, writeJson } from '@parley/contracts';
import type { AnswerEnvelope, ErrorEnvelope } from '../rpc/rpc.envelope';

/** The last word of the subject on which a caller gets its answers. */
export const answersName = 'answers';

/**
 * An answer among others in one message: a line `<call>+<response>` or `<call>-<error>`. Whoever asked reads the line that is
 * meant for it, and of that not what it only passes on.
 *
 * @param rawField of the response, where its contract has one.
 */
export function toAnswerLine(call: number, answer: AnswerEnvelope, rawField?: RawField): string {
  if (!answer.ok) return `${call}-${JSON.stringify(answer.error)}`;
  return `${call}+${isRawIn(answer.d, rawField) ? rawField.write(answer.d) : writeJson(answer.d)}`;
}

/** What a handler returns need not fit its contract: that is for who asked to find out. */
function isRawIn(response: unknown, rawField: RawField | undefined): rawField is RawField {
  if (!rawField || typeof response !== 'object' || response === null) return false;
  return (response as Readonly<Record<string, unknown>>)[rawField.name] instanceof RawJson;
}

const senderMark = '@';

/** Who answers. */
export interface Sender {
  /** Names it among those of its service. */
  readonly replica: string;
  /** How busy it is, in percent. */
  readonly load: number;
}

/** The text of a message with answers: who answers, in a line before theirs. */
export function toAnswers({ replica, load }: Sender, lines: string): string {
  return `${senderMark}${replica} ${load}\n${lines}`;
}

/** Who sent a message with answers, if it says so. */
export function senderOf(text: string): Sender | undefined {
  if (!text.startsWith(senderMark)) return undefined;
  const [replica = '', load] = text.slice(1, text.indexOf('\n')).split(' ');
  return { replica, load: Number(load ?? 0) };
}

/**
 * Reads the lines of a message one after another, each with the number of its call. What begins with no number is left out.
 *
 * @param read gets the line without the number.
 */
export function readAnswerLines(text: string, read: (call: number, line: string) => void): void {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    let at = start;
    let call = 0;
    for (let digit = digitAt(text, at); digit >= 0; digit = digitAt(text, ++at)) call = call * 10 + digit;
    if (at > start) read(call, text.slice(at, end));
    start = end + 1;
  }
}

/** @returns a negative number where there is no digit. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 48;
  return digit <= 9 ? digit : -1;
}

/** @throws SyntaxError when the line is no answer. */
export function readAnswerLine(line: string, rawField: RawField | undefined): AnswerEnvelope {
  const text = line.slice(1);
  if (line.startsWith('+')) return { ok: true, d: readJson(text, rawField) };
  return { ok: false, error: JSON.parse(text) as ErrorEnvelope };
}
