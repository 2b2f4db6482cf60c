import { fileEntry } from '@container-os/cpio';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bounded, qemuArgv, type Machine } from '../src/guest/machine.ts';
import { demoOs, KERNEL, prepareWorkspace } from './guests.ts';

let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'cpu-'));
});
afterEach(() => rm(workspace, { recursive: true }));

/** How a container ends, by the guest's report, whose program has an instruction of AVX2. */
async function ends(cpu: NonNullable<Machine['cpu']>): Promise<unknown> {
  const [source, program, report] = ['avx2.c', 'avx2', 'report'].map((name) => join(workspace, name)) as [string, string, string];
  await rm(report, { force: true });
  await writeFile(source, 'int main(void) { __asm__ volatile("vpabsd %ymm0, %ymm1"); return 0; }\n');
  await execa('musl-gcc', ['-static', '-o', program, source]);
  await prepareWorkspace(workspace, await demoOs([fileEntry('containers/client/rootfs/usr/bin/client', await readFile(program), 0o755)]));
  const artifacts = { iso: '', kernel: KERNEL, initramfs: join(workspace, 'dist/os-images/demo-os/initramfs/initramfs.img') };
  const machine = { boot: 'direct', accelerator: 'tcg', memory: 256, artifacts, cmdline: 'console=ttyS0 quiet panic=-1', console: 'stdout' } as const;
  const [qemu, ...args] = bounded(qemuArgv({ ...machine, cpu, report }), 200);
  const guest = execa(qemu, args, { reject: false, stdin: 'ignore' });
  const end = async (): Promise<{ reason?: string } | undefined> =>
    (await readFile(report, 'utf8').catch(() => ''))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { type?: string; name?: string; exitCode?: number; reason?: string })
      .find(({ name, exitCode }) => name === 'client' && exitCode !== undefined);
  await expect.poll(end, { timeout: 180_000, interval: 500 }).toBeDefined();
  guest.kill();
  await guest;
  return (await end())?.reason;
}

it('the machine of run and qemu-test has AVX2, that of budgets has not: a program that needs it is named with the cause', { timeout: 480_000 }, async () => {
  expect(await ends('x86-64-v3')).toBe('exited (0)');
  expect(await ends('x86-64')).toBe('the program may need a newer processor than this one (x86-64): exited with code 132');
});
