import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bounded, qemuArgv } from '../src/guest/machine.ts';
import { readableLines } from '../src/guest/console.ts';
import { demoOs, KERNEL, prepareWorkspace } from './guests.ts';

let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'console-'));
});
afterEach(() => rm(workspace, { recursive: true }));

it('the console has a shell in a container, and after it one of the OS', async () => {
  await prepareWorkspace(workspace, await demoOs());
  const artifacts = { iso: '', kernel: KERNEL, initramfs: join(workspace, 'dist/os-images/demo-os/initramfs/initramfs.img') };
  const [program, ...args] = bounded(
    qemuArgv({ boot: 'direct', accelerator: 'tcg', memory: 256, artifacts, cmdline: 'console=ttyS0 quiet panic=-1', console: 'stdout' }),
    200,
  );
  const machine = execa(program, args, { reject: false, all: true });
  let shown = '';
  machine.all.on('data', (data: Buffer) => (shown += data.toString()));
  /** Types a line once the text has been shown, and forgets what came before. */
  const type = async (after: string, line: string): Promise<string> => {
    await expect.poll(() => shown, { timeout: 120_000, interval: 200 }).toContain(after);
    const before = shown;
    shown = '';
    machine.stdin.write(`${line}\n`);
    return before;
  };

  await type('A shell in the container shell; leave it with "exit".', 'echo "I am $(hostname), 1 is $(cat /proc/1/comm)"; ls -d /containers; tty; echo is-all');
  const inside = readableLines(await type('\nis-all', 'exit'));
  expect(inside).toContain('I am shell, 1 is tini');
  expect(inside.join('\n')).toMatch(/\/containers: No such file/);
  expect(inside).toContain('/dev/pts/0');
  await type('A shell of the OS, as root; leave it with "exit".', 'echo "I am $(hostname)"; echo is-all');
  expect(readableLines(await type('\nis-all', 'cosctl exec web true; echo is-"over"; cat; echo is-read'))).toContain('I am demo-os');
  // After a program in a container, the terminal still waits for input, and keeps what is typed ahead.
  await type('is-over', 'what cat reads');
  await type('\nwhat cat reads', '\u0004');
  await type('\nis-read', 'sleep 3; echo "first $((1 + 1))"\necho "second $((1 + 2))"\necho "third $((1 + 3))"');
  const ahead = readableLines(await type('\nthird 4', 'poweroff'));
  expect(ahead).toEqual(expect.arrayContaining(['first 2', 'second 3']));
  expect((await machine).exitCode).toBe(0);
});
