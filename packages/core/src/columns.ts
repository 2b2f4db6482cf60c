/**
 * A line for each row, in columns as wide as their widest cell, two blanks between them. Columns of numbers are aligned `right`.
 *
 * @example
 * columns([['kernel', '5.8 MB'], ['initramfs', '12.0 MB']], [1]); // ['kernel      5.8 MB', 'initramfs  12.0 MB']
 */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const pad = (cell: string, column: number): string => (right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0));
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}
