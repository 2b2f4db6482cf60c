/** One figure beside another, as the tables show it. */
export interface Row {
  title: string;
  ours?: number | undefined;
  reference?: number | undefined;
  format: Format;
}

export type Format = (value: number) => string;

/** A Markdown table of `rows`, each with the ratio of ours, the image of that name, to the reference where there are both. */
export function comparison(rows: readonly Row[], image: string): string {
  const cells = rows.map(({ title, ours, reference, format }) => {
    const show = (value: number | undefined): string => (value === undefined ? '' : format(value));
    return [title, show(ours), show(reference), ours !== undefined && reference ? (ours / reference).toFixed(2) : ''];
  });
  return table(['', image, 'reference', 'ratio'], cells);
}

/** A Markdown table. A bar within a cell would end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return `${[line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')}\n`;
}

export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

export function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(value < 1e5 ? 2 : 1)} MB`;
}

export function mebibytes(value: number): string {
  return `${Number(value.toFixed(1))} MiB`;
}
