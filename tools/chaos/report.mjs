const shownViolations = 5;

/** One line for each rule, and the first sentences on what broke it. */
export function printVerdicts({ name, verdicts, facts }) {
  console.log(`\n${name}: ${facts}`);
  for (const { rule, promise, violations } of verdicts) {
    const outcome = violations.length === 0 ? 'ok  ' : 'FAIL';
    console.log(`  ${outcome}  ${name.padEnd(18)} ${rule.padEnd(10)} ${promise}`);
    for (const sentence of violations.slice(0, shownViolations)) console.log(`          ${sentence.slice(0, 2_000)}`);
    if (violations.length > shownViolations)
      console.log(`          ... and ${violations.length - shownViolations} more`);
  }
}
