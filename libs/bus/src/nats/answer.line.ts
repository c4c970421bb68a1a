import { type RawField, readJson, writeJson } from '@parley/contracts';
import type { AnswerEnvelope, ErrorEnvelope } from '../rpc/rpc.envelope';

/** The last word of the subject on which a caller gets its answers. */
export const answersName = 'answers';

/**
 * An answer among others in one message: a line `<call>+<response>` or `<call>-<error>`. Whoever asked reads the line that is
 * meant for it, and of that not what it only passes on.
 */
export function toAnswerLine(call: number, answer: AnswerEnvelope): string {
  return answer.ok ? `${call}+${writeJson(answer.d)}` : `${call}-${JSON.stringify(answer.error)}`;
}

const replicaMark = '@';

/** The text of a message with answers: who answers, in a line before theirs. */
export function toAnswers(replica: string, lines: string): string {
  return `${replicaMark}${replica}\n${lines}`;
}

/** Who sent a message with answers, if it says so. */
export function replicaOf(text: string): string | undefined {
  return text.startsWith(replicaMark) ? text.slice(1, text.indexOf('\n')) : undefined;
}

/** The lines of a message, each with the number of its call. What begins with no number is left out. */
export function* answerLinesIn(text: string): Iterable<readonly [call: number, line: string]> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    const call = Number.parseInt(line, 10);
    if (!Number.isNaN(call)) yield [call, line];
    start = end + 1;
  }
}

/** @throws SyntaxError when the line is no answer. */
export function readAnswerLine(call: number, line: string, rawField: RawField | undefined): AnswerEnvelope {
  const at = String(call).length;
  const text = line.slice(at + 1);
  if (line.charAt(at) === '+') return { ok: true, d: readJson(text, rawField) };
  return { ok: false, error: JSON.parse(text) as ErrorEnvelope };
}
