/**
 * Does a subject match? In a pattern `*` stands for one word, and `>` at its end for one or more.
 *
 * Works on subjects without wildcards of their own, such as `subjectOf` makes.
 */
export function matcherOf(pattern: string): (subject: string) => boolean {
  const words = pattern.split('.');
  const isOpen = words.at(-1) === '>';
  const fixed = isOpen ? words.slice(0, -1) : words;
  // Without a wildcard in between no subject has to be taken apart: gateways ask this of every event there is.
  if (!fixed.includes('*')) {
    const start = fixed.map((word) => `${word}.`).join('');
    return isOpen
      ? (subject) => subject.length > start.length && subject.startsWith(start)
      : (subject) => subject === pattern;
  }
  return (subject) => {
    const parts = subject.split('.');
    if (isOpen ? parts.length <= fixed.length : parts.length !== fixed.length) return false;
    return fixed.every((word, i) => word === '*' || word === parts[i]);
  };
}
