/** Rows under a heading, in columns as wide as their widest cell, two blanks between them. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('');
}

/** `42 s`, `3 min`, `5 h`, `2 d`: the largest unit of which there are two, or else the next one. */
export function duration(seconds: number): string {
  const units = [[86_400, 'd'], [3600, 'h'], [60, 'min']] as const;
  const [size, unit] = units.find(([one]) => seconds >= 2 * one) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}
