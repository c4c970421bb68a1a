// How figures are printed.
export function print(title, head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  console.log(`${title ? `\n${title}\n` : ''}${[head, ...rows].map((row) => `  ${line(row)}`).join('\n')}`);
}

export const whole = (value) => Math.round(value).toLocaleString('en');
export const mb = (bytes) => whole(bytes / 1_048_576);
export const ms = (value) => value.toFixed(value < 10 ? 1 : 0);
export const p50p99 = ({ p50, p99 }) => `${ms(p50)} / ${ms(p99)}`;
