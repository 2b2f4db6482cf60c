import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { BuildError, SOURCE_DATE_EPOCH } from '../src/index.ts';
import { cleanEnv, run } from '../src/run.ts';

const directory = mkdtempSync(join(tmpdir(), 'core-run-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** The BuildError of a promise that must reject with one. */
async function failure(promise: Promise<unknown>): Promise<BuildError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BuildError)) throw new Error(`expected a BuildError, got ${String(error)}`);
  return error;
}

describe('the environment of a command', () => {
  it('has the fixed date, locale and time zone', async () => {
    const { stdout } = await run(['env']);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining([`SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}`, 'LC_ALL=C.UTF-8', 'TZ=UTC']));
  });

  it("has nothing of the caller's that could change an output", async () => {
    for (const name of ['CFLAGS', 'MAKEFLAGS', 'LD_PRELOAD', 'LANG', 'KBUILD_BUILD_USER']) vi.stubEnv(name, '-x');
    const names = (await run(['env'])).stdout.split('\n').map((line) => line.split('=')[0]);
    expect(names).not.toEqual(expect.arrayContaining(['CFLAGS']));
    expect(names.filter((name) => !(name! in cleanEnv()) && name !== '' && name !== 'PWD')).toEqual([]);
  });

  it('has what the call adds', async () => {
    expect((await run(['printenv', 'ARCH'], { env: { ARCH: 'x86_64' } })).stdout).toBe('x86_64\n');
  });
});

it('passes arguments as they are, seen by no shell', async () => {
  expect((await run(['printf', '%s|', '$HOME', 'a b', '*', "'"])).stdout).toBe("$HOME|a b|*|'|");
});

it('gives a command an empty standard input, or the given one', async () => {
  expect((await run(['cat'])).stdout).toBe('');
  expect((await run(['cat'], { input: 'CONFIG_X=y\n' })).stdout).toBe('CONFIG_X=y\n');
});

it('hands over standard output line by line, the newline taken off', async () => {
  const lines: string[] = [];
  await run(['printf', 'CC a.o\\nCC b.o\\n'], { onLine: (line) => lines.push(line), capture: false });
  expect(lines).toEqual(['CC a.o', 'CC b.o']);
});

it('a program that is not there is HOST_TOOL_MISSING with the way to get it', async () => {
  const error = await failure(run(['no-such-bison']));
  expect(error).toMatchObject({ code: 'HOST_TOOL_MISSING', message: '"no-such-bison" not found on PATH' });
  expect(error.hint).toContain('the target doctor');
});

it.each([
  ['a script with CR LF', '#!/bin/sh\r\n', 'tool is there, and its interpreter "/bin/sh\\r" is not'],
  ['a script for what is not installed', '#!/opt/no-such-perl -w\n', 'tool is there, and its interpreter "/opt/no-such-perl" is not'],
])('%s is not taken for a missing program', async (_what, text, message) => {
  writeFileSync(join(directory, 'tool'), text, { mode: 0o755 });
  const error = await failure(run(['./tool'], { cwd: directory }));
  expect(error).toMatchObject({ code: 'HOST_TOOL_MISSING', message: join(directory, message) });
  expect(error.hint).not.toContain('bootstrap');
});

it('a directory that is not there is not taken for a missing program', async () => {
  const cwd = join(directory, 'gone');
  expect(await failure(run(['true'], { cwd }))).toMatchObject({ code: 'DIRECTORY_MISSING', message: `${cwd} is not there, in which "true" was to start` });
});

it('a failing command is shown with its exit code and the last 40 lines of both outputs', async () => {
  const logFile = join(directory, 'failed.log');
  const error = await failure(run(['sh', '-c', 'seq 100; echo broken >&2; exit 3'], { logFile }));
  expect(error).toMatchObject({ code: 'COMMAND_FAILED', logFile });
  const [head, ...tail] = error.message.split('\n');
  expect(head).toBe('sh -c seq 100; echo broken >&2; exit 3: exit code 3');
  expect(tail).toHaveLength(40);
  expect(tail.slice().sort((a, b) => Number(a) - Number(b))).toContain('100');
  expect(tail).toContain('broken');
  expect(tail).not.toContain('60');
});

it('the last lines are whole, however the command wrote them', async () => {
  const error = await failure(run(['sh', '-c', 'printf "undefined refe"; sleep 0.2; echo "rence to main"; exit 1']));
  expect(error.message.split('\n').slice(1)).toEqual(['undefined reference to main']);
});

it('an exit code that is allowed is returned', async () => {
  expect((await run(['sh', '-c', 'exit 1'], { allow: [0, 1] })).exitCode).toBe(1);
});

it('keeps the command and both its outputs in the log file, after what is there', async () => {
  const logFile = join(directory, 'logs', 'kept.log');
  await run(['echo', 'one'], { logFile });
  await run(['sh', '-c', 'echo two >&2'], { logFile });
  expect(readFileSync(logFile, 'utf8')).toBe('$ echo one\none\n$ sh -c echo two >&2\ntwo\n');
});

it('ends a command that takes too long', async () => {
  const start = performance.now();
  const error = await failure(run(['sh', '-c', 'echo started; exec sleep 30'], { timeout: 0.3 }));
  expect(error.code).toBe('COMMAND_TIMEOUT');
  expect(error.message).toMatch(/not done after 0.3 s\nstarted$/);
  expect(performance.now() - start).toBeLessThan(5000);
});

it("ends a command's own children too when it takes too long", async () => {
  const start = performance.now();
  expect((await failure(run(['sh', '-c', 'sleep 20; true'], { timeout: 0.3 }))).code).toBe('COMMAND_TIMEOUT');
  expect(performance.now() - start).toBeLessThan(8000);
}, 30_000);

it('ends a command when the signal is aborted, and throws its reason', async () => {
  const abort = new AbortController();
  const reason = new BuildError('INTERRUPTED', 'interrupted');
  setTimeout(() => abort.abort(reason), 100);
  expect(await failure(run(['sleep', '30'], { signal: abort.signal }))).toBe(reason);
});

it('starts nothing when the signal was aborted before', async () => {
  const file = join(directory, 'touched');
  const reason = new BuildError('INTERRUPTED', 'interrupted');
  expect(await failure(run(['touch', file], { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(existsSync(file)).toBe(false);
});
