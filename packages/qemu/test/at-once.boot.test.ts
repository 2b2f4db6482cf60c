import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bounded, qemuArgv } from '../src/guest/machine.ts';
import { demoOs, KERNEL, prepareWorkspace } from './guests.ts';

let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'at-once-'));
});
afterEach(() => rm(workspace, { recursive: true }));

/** Counts the exit codes of fifty containers that are created at once, and those that run. */
const SCRIPT = [
  'i=0; while [ $i -lt 50 ]; do i=$((i + 1)); { cosctl create --start --from shell c$i; echo $? >/tmp/code.$i; } & done 2>/tmp/said',
  'wait; cat /tmp/said; echo "codes $(sort /tmp/code.* | uniq -c | tr -s " ")"; echo "running $(cosctl list | grep -c "^c[0-9]* .* running")"; echo is-"over"',
];

it('fifty containers that are created at once all start, on one processor', { timeout: 560_000 }, async () => {
  await prepareWorkspace(workspace, await demoOs());
  const artifacts = { iso: '', kernel: KERNEL, initramfs: join(workspace, 'dist/os-images/demo-os/initramfs/initramfs.img') };
  const machine = { boot: 'direct', accelerator: 'tcg', countsInstructions: true, memory: 512, artifacts, console: 'stdout' } as const;
  const [program, ...args] = bounded(qemuArgv({ ...machine, cmdline: 'console=ttyS0 quiet panic=-1' }), 540);
  const guest = execa(program, args, { reject: false, all: true });
  let shown = '';
  guest.all.on('data', (data: Buffer) => (shown += data.toString()));
  const type = async (after: string, line: string): Promise<void> => {
    await expect.poll(() => shown, { timeout: 500_000, interval: 200 }).toContain(after);
    guest.stdin.write(`${line}\n`);
  };
  await type('leave it with "exit".', 'exit');
  await type('A shell of the OS', SCRIPT.join('\n'));
  await type('is-over', 'poweroff -f');
  await guest;
  expect(shown).toMatch(/codes +50 0/);
  expect(shown).toContain('running 50');
});
