import type { Deployment } from '@parley/testing';

/** Of each process, so that a report stays readable. */
const lastLines = 200;

/** Says what the processes said, where a test has failed: `failure.environment.ts` tells. */
export function printOutputAfterFailure(deployment: Deployment | undefined): void {
  if (!(globalThis as { hasFailed?: boolean }).hasFailed || !deployment) return;
  for (const name of deployment.names()) {
    const lines = deployment.output(name).trimEnd().split('\n').slice(-lastLines);
    process.stderr.write(`--- ${name}, the end of its output:\n${lines.join('\n')}\n`);
  }
}
