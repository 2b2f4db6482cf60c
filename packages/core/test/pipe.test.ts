import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuildError, pipe } from '../src/index.ts';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'core-pipe-'))));
afterEach(() => rm(directory, { recursive: true }));

/** Yields `count` pieces of 1 MiB, and notes the bytes that were asked for. */
function* pieces(count: number, asked = { bytes: 0 }): Generator<Uint8Array> {
  for (; count > 0; count--, asked.bytes += 1 << 20) yield Buffer.alloc(1 << 20, count);
}

it('gives the output of one command to the other, byte by byte, and keeps nothing of it in the log', async () => {
  const [result, logFile] = [join(directory, 'result'), join(directory, 'log')];
  await pipe(['cat'], ['dd', `of=${result}`, 'status=none'], { input: Readable.from(pieces(20)), logFile });
  expect((await readFile(result)).equals(Buffer.concat([...pieces(20)]))).toBe(true);
  expect((await readFile(logFile, 'utf8')).trim().split('\n').sort()).toEqual(['$ cat', `$ dd of=${result} status=none`]);
});

it('does not grow with what passes, however slow the second command is', async () => {
  const asked = { bytes: 0 };
  await expect(pipe(['cat'], ['sh', '-c', 'head -c 1000000 >/dev/null; sleep 1; exit 4'], { input: Readable.from(pieces(1000, asked)) })).rejects.toMatchObject(
    { message: expect.stringContaining('exit code 4') },
  );
  expect(asked.bytes).toBeLessThan(16 << 20);
});

it.each<[string, Parameters<typeof pipe>, string, string]>([
  [
    'the first one fails',
    [
      ['sh', '-c', 'echo gone >&2; exit 3'],
      ['sleep', '60'],
    ],
    'COMMAND_FAILED',
    'exit code 3\ngone',
  ],
  ['the second one fails while the first one writes', [['yes'], ['sh', '-c', 'read line; echo full >&2; exit 5']], 'COMMAND_FAILED', 'exit code 5\nfull'],
  ['the second one is not there', [['yes'], ['no-such-mksquashfs']], 'HOST_TOOL_MISSING', '"no-such-mksquashfs" not found'],
  ['the first one is not there', [['no-such-bsdtar'], ['cat']], 'HOST_TOOL_MISSING', '"no-such-bsdtar" not found'],
])('fails with the cause, and leaves no process, when %s', async (_, [from, to], code, message) => {
  const logFile = join(directory, 'log');
  const began = Date.now();
  await expect(pipe(from, to, { logFile })).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(Date.now() - began).toBeLessThan(5000);
  await access(logFile);
});

it('throws what its input throws', async () => {
  function* input(): Generator<Uint8Array> {
    yield* pieces(2);
    throw new BuildError('FILE_CHANGED', 'web/page has 3 bytes, and had 4');
  }
  await expect(pipe(['cat'], ['sh', '-c', 'cat >/dev/null'], { input: Readable.from(input()) })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
});

it.each([
  ['while both run', ['yes'], 'cat >/dev/null'],
  ['while the second one has not read what is left of the first one', ['head', '-c', '400000', '/dev/zero'], 'sleep 60'],
] as const)('ends both when it is interrupted %s', async (_, from, to) => {
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), 500);
  await expect(pipe([...from], ['sh', '-c', to], { signal: interrupt.signal })).rejects.toMatchObject({ name: 'AbortError' });
});
