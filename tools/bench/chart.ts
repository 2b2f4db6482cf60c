/** A boot as the chart shows it: what each part of it is called, and when it ended, in seconds since reset. */
export interface Timeline {
  name: string;
  ends: { name: string; at: number }[];
}

const [WIDTH, LEFT, RIGHT, ROW, TOP] = [860, 150, 60, 34, 56];
/** By part; enough contrast on white and on black. */
const COLOURS = ['#8c8c94', '#6b8fb5', '#3f7d6e', '#c08a3e', '#9a6fb0'];

/**
 * The timelines as an SVG, a bar each, on one scale, with a legend and the seconds at the end. It takes the text colour of light and
 * dark pages by `prefers-color-scheme`.
 *
 * @example
 * timelineChart([{ name: 'demo-os, direct', ends: [{ name: 'to init', at: 0.24 }, { name: 'to the first container', at: 0.82 }] }]);
 */
export function timelineChart(timelines: readonly Timeline[]): string {
  const longest = Math.max(...timelines.flatMap(({ ends }) => ends.map(({ at }) => at)));
  const x = (seconds: number): number => LEFT + (seconds / longest) * (WIDTH - LEFT - RIGHT);
  // In the order of the timeline that has most of them; others lack some.
  const parts = [...new Set([...timelines].sort((a, b) => b.ends.length - a.ends.length).flatMap(({ ends }) => ends.map(({ name }) => name)))];
  const legend = parts.map((name, index) => {
    const at = LEFT + Math.round((index * (WIDTH - LEFT)) / parts.length);
    return `<rect x="${at}" y="14" width="12" height="12" fill="${colour(index)}"/>${text(at + 18, 24, name)}`;
  });
  const bars = timelines.map(({ name, ends }, row) => {
    const y = TOP + row * ROW;
    let from = 0;
    const rects = ends.map((end) => {
      const box = `x="${round(x(from))}" y="${y}" width="${round(x(end.at) - x(from))}" height="20"`;
      const rect = `<rect ${box} fill="${colour(parts.indexOf(end.name))}"><title>${escape(`${end.name}: ${end.at.toFixed(2)} s`)}</title></rect>`;
      from = end.at;
      return rect;
    });
    return `${text(LEFT - 10, y + 15, name, 'end')}${rects.join('')}${text(round(x(from)) + 6, y + 15, `${from.toFixed(2)} s`)}`;
  });
  const height = TOP + timelines.length * ROW + 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Boot timelines">
<style>text { font: 13px system-ui, sans-serif; fill: #24292f } @media (prefers-color-scheme: dark) { text { fill: #d0d7de } }</style>
${[...legend, ...bars].join('\n')}
</svg>
`;
}

function text(x: number, y: number, content: string, anchor = 'start'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
