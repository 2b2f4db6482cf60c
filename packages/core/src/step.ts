import { Presets, SingleBar } from 'cli-progress';
import prettyBytes from 'pretty-bytes';
import { formatSeconds, keepProgress, type Unit } from './progress.ts';

/** A progress display: `update` with the amount done so far, `stop` when over. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/**
 * The log of a run: one line a step, nested and timed. In a terminal, long steps show a bar; elsewhere nx says how far they are, and a step that
 * ended well within half a minute says nothing: Nx replays the log of a result that comes from the cache.
 */
export interface Step {
  info(text: string): void;
  warn(text: string): void;
  /** Runs `work` as a nested step; its line is printed, with the elapsed time, when it ends. */
  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T>;
  /** Shows progress towards `total` (0 when unknown) in `unit`, for example bytes or objects. */
  progress(title: string, total: number, unit: Unit): Progress;
}

/** From so many milliseconds on, a step is worth a line of a log. */
const LONG = 30_000;
/** A bar may stand where the cursor is; it is drawn again below. Source: ECMA-48, EL. */
const CLEAR_LINE = '\r\u001b[K';

/** A {@link Step} that writes to `out`, standard output unless told, and without a terminal keeps its progress in `progressFile`. */
export function createStep(out: NodeJS.WriteStream = process.stdout, progressFile?: string, depth = 0): Step {
  const indent = '  '.repeat(depth);
  const line = (text: string): void => void out.write(`${out.isTTY ? CLEAR_LINE : ''}${indent}${text}\n`);
  return {
    info: line,
    warn: (text) => line(`warning: ${text}`),
    async step(title, work) {
      const start = performance.now();
      try {
        const result = await work(createStep(out, progressFile, depth + 1));
        if (out.isTTY || performance.now() - start >= LONG) line(`✔ ${title} (${seconds(start)})`);
        return result;
      } catch (error) {
        line(`✖ ${title} (${seconds(start)})`);
        throw error;
      }
    },
    progress(title, total, unit) {
      if (out.isTTY) return bar(out, `${indent}${title}`, total, unit);
      return progressFile === undefined ? { update: () => {}, stop: () => {} } : keepProgress(progressFile, title, total, unit);
    },
  };
}

function bar(out: NodeJS.WriteStream, title: string, total: number, unit: Unit): Progress {
  const display = new SingleBar(
    {
      stream: out,
      format: total > 0 ? `${title} {bar} {percentage} % · {value}/{total} · {duration_formatted}` : `${title} {value} · {duration_formatted}`,
      formatValue: (value, _options, type) => (type === 'value' || type === 'total' ? amount(value, unit) : String(value)),
      hideCursor: true,
      clearOnComplete: true,
      fps: 5,
    },
    Presets.shades_classic,
  );
  display.start(total, 0);
  return { update: (done) => display.update(done), stop: () => display.stop() };
}

function amount(value: number, unit: Unit): string {
  return unit === 'bytes' ? prettyBytes(value) : `${value} objects`;
}

function seconds(start: number): string {
  return formatSeconds((performance.now() - start) / 1000);
}
