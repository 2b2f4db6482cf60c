import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { createStep, formatBytes } from '../src/index.ts';

afterEach(() => vi.useRealTimers());

/** A log and what it has written, to something that is not a terminal. */
function record() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { log: createStep(stream as unknown as NodeJS.WriteStream), lines: () => text.split('\n').slice(0, -1) };
}

it('prints one line a step when it ends, nested and timed', async () => {
  const { log, lines } = record();
  await log.step('kernel', async (kernel) => {
    kernel.info('vm.config and 6 fragments');
    await kernel.step('configure', (configure) => Promise.resolve(configure.warn('slow host')));
  });
  expect(lines().map((line) => line.replace(/\d+\.\d s/, '0.0 s'))).toEqual([
    '  vm.config and 6 fragments',
    '    warning: slow host',
    '  ✔ configure (0.0 s)',
    '✔ kernel (0.0 s)',
  ]);
});

it('marks a step that failed and passes its error on', async () => {
  const { log, lines } = record();
  await expect(log.step('compile', () => Promise.reject(new Error('no gcc')))).rejects.toThrow('no gcc');
  expect(lines()[0]).toMatch(/^✖ compile \(\d+\.\d s\)$/);
});

it('returns what the step returns', async () => {
  expect(await record().log.step('count', () => Promise.resolve(42))).toBe(42);
});

it('shows progress as a line every 30 s at most when it is not in a terminal', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { log, lines } = record();
  const objects = log.progress('compile', 1200, 'objects');
  for (let second = 1; second <= 65; second++) {
    vi.advanceTimersByTime(1000);
    objects.update(second * 10);
  }
  objects.stop();
  expect(lines()).toEqual(['compile: 300 objects of 1200 objects after 30.0 s', 'compile: 600 objects of 1200 objects after 1 min 0 s']);
});

it('shows progress towards an unknown total', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { log, lines } = record();
  const bytes = log.progress('linux.tar.xz', 0, 'bytes');
  vi.advanceTimersByTime(119_600);
  bytes.update(12_345_678);
  expect(lines()).toEqual(['linux.tar.xz: 12.3 MB after 2 min 0 s']);
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
