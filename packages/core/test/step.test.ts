import { PassThrough } from 'node:stream';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStep, formatBytes } from '../src/index.ts';
import { announceProgress, describeProgress } from '../src/progress.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'step-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

/** A log and what it has written, to something that is not a terminal. */
function record({ isTTY = false } = {}) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const progress = join(root, 'dist/logs/os/kernel.progress');
  return { log: createStep(stream as unknown as NodeJS.WriteStream, progress), lines: () => text.split('\n').slice(0, -1) };
}

it('prints one line a step when it ends, nested and timed', async () => {
  const { log, lines } = record({ isTTY: true });
  await log.step('kernel', async (kernel) => {
    kernel.info('vm.config and 6 fragments');
    await kernel.step('configure', (configure) => Promise.resolve(configure.warn('slow host')));
  });
  // Each clears what a bar left.
  expect(lines().map((line) => line.replace(/\d+\.\d s/, '0.0 s'))).toEqual(
    ['  vm.config and 6 fragments', '    warning: slow host', '  ✔ configure (0.0 s)', '✔ kernel (0.0 s)'].map((line) => `\r\u001b[K${line}`),
  );
});

it('marks a step that failed and passes its error on', async () => {
  const { log, lines } = record();
  await expect(log.step('compile', () => Promise.reject(new Error('no gcc')))).rejects.toThrow('no gcc');
  expect(lines()[0]).toMatch(/^✖ compile \(\d+\.\d s\)$/);
});

it('prints no step without a terminal that was over soon, and one that was not', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { log, lines } = record();
  for (const [title, seconds] of [
    ['configure', 29.9],
    ['compile', 30],
  ] as const) {
    await log.step(title, (step) => {
      step.info(`${title}d`);
      vi.advanceTimersByTime(seconds * 1000);
      return Promise.resolve();
    });
  }
  expect(lines()).toEqual(['  configured', '  compiled', '✔ compile (30.0 s)']);
});

it('returns what the step returns', async () => {
  expect(await record().log.step('count', () => Promise.resolve(42))).toBe(42);
});

it('tells nx how far a task is, and prints none of it: Nx would replay that from the cache', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  const { log, lines } = record();
  const told = (): string => describeProgress(root, process.ppid);
  await log.step('compile', (step) => {
    const objects = step.progress('kernel', 1200, 'objects');
    objects.update(1);
    for (let second = 1; second <= 65; second++) {
      vi.advanceTimersByTime(1000);
      objects.update(second * 10);
    }
    expect(told()).toBe('kernel: 650 of about 1200 objects after 1 min 5 s');
    expect(describeProgress(root, 1)).toBe('');
    objects.stop();
    return Promise.resolve();
  });
  expect(told()).toBe('');
  expect(lines()).toEqual(['✔ compile (1 min 5 s)']);
});

it('tells of an unknown total, of bytes, of more than was expected, and of all tasks of the run in one line', () => {
  const state = (name: string, rest: object): void => {
    mkdirSync(join(root, 'dist/logs/os'), { recursive: true });
    writeFileSync(join(root, `dist/logs/os/${name}.progress`), JSON.stringify({ run: 7, start: Date.now() - 119_600, total: 0, ...rest }));
  };
  state('busybox', { title: 'busybox', done: 600, total: 571, unit: 'objects' });
  state('crun', { title: 'crun', done: 3, unit: 'objects' });
  state('sources', { title: 'linux.tar.xz', done: 12_345_678, total: 140_000_000, unit: 'bytes' });
  writeFileSync(join(root, 'dist/logs/os/tini.progress'), '{"run": 7,');
  expect(describeProgress(root, 7)).toBe(
    'busybox: 600 of about 600 objects after 2 min 0 s · crun: 3 objects after 2 min 0 s · linux.tar.xz: 12.3 MB of 140 MB after 2 min 0 s',
  );
});

it('a run without a terminal tells of it at most once a minute, and a dozen times in two hours', () => {
  vi.useFakeTimers();
  const out = new PassThrough();
  mkdirSync(join(root, 'dist/logs/os'), { recursive: true });
  const start = Date.now();
  writeFileSync(join(root, 'dist/logs/os/kernel.progress'), JSON.stringify({ run: process.pid, title: 'kernel', done: 5, total: 9, unit: 'objects', start }));
  announceProgress(root, out as unknown as NodeJS.WriteStream);
  announceProgress(root, out as unknown as NodeJS.WriteStream);
  vi.advanceTimersByTime(59_000);
  expect(out.read()).toBe(null);
  vi.advanceTimersByTime(1000);
  expect(String(out.read())).toBe('kernel: 5 of about 9 objects after 1 min 0 s\n');
  vi.advanceTimersByTime(120 * 60_000);
  expect(String(out.read()).split('\n').length - 1).toBe(12);
});

it('writes nothing but its lines where there is no terminal: no cursor control, no colour', async () => {
  const { log, lines } = record();
  await log.step('fetch', (step) => Promise.resolve(step.progress('x', 1, 'bytes').stop()));
  expect(lines().join('')).not.toContain('\u001b');
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [12_345_678, '12.3 MB'],
  [4_294_967_296, '4.29 GB'],
])('shows %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
