import type { Deployment } from '@parley/testing';

/** Comes last: what all other suites made the processes say. */
export function logSuite(deployment: () => Deployment): void {
  const lines = (): string[] =>
    deployment()
      .names()
      .flatMap((name) => deployment().output(name).split('\n'));

  it('calls for nobody: clients cause no errors, whatever they do', () => {
    expect(lines().filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });

  it('tells neither secrets nor tokens nor what people say to each other', () => {
    const said = ['a secret', 'Hello, Bob!', 'first words', 'second words', 'says 1'];
    const output = lines().join('\n');
    expect(output).not.toContain(deployment().secret);
    expect(output).not.toMatch(/eyJ[\w-]{10,}\./);
    expect(said.filter((words) => output.includes(words))).toEqual([]);
  });
}
