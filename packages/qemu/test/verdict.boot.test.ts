// Boots guests that fail in every way there is a name for, and one that does not. Needs a built demo-os,
// from CONTAINER_OS_ARTIFACTS (default: dist).
import { fileEntry, type Entry } from '@container-os/cpio';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseAccelerator } from '../src/guest/accelerator.ts';
import { qemuArgv, type Machine } from '../src/guest/machine.ts';
import { probeBoot } from '../src/guest/probe.ts';
import { boot } from '../src/guest/boot.ts';
import { classify } from '../src/verdict/classify.ts';
import type { QemuTestOptions } from '../src/qemu-test/schema.d.ts';
import { demoOs, guest, KERNEL, prepareWorkspace, runQemuTest, textOf } from './guests.ts';

vi.setConfig({ testTimeout: 180_000 });

let workspace: string;
let written: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'qemu-'));
  written = '';
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => ((written += String(text)), true));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(workspace, { recursive: true });
});

const out = (): string => join(workspace, 'dist/os-images/demo-os/qemu-test');
const logs = (): string => join(workspace, 'dist/logs/demo-os/qemu-test');

/** What the task says of a guest: `passed`, or the first line of its error. */
async function verdict(root: readonly Entry[], options: Partial<QemuTestOptions> = {}): Promise<string> {
  await prepareWorkspace(workspace, root);
  if (await runQemuTest(workspace, options)) return 'passed';
  return /^[A-Z_]+: .*/m.exec(written)?.[0] ?? written;
}

const GOOD = `report '{"event":"init","uptime":1}'
report '{"event":"container","name":"demo","status":"running","pid":7,"address":"10.22.0.2","uptime":1}'
report '{"event":"fact","name":"memory","value":{"totalKiB":200000,"usedKiB":50000}}'
report '{"event":"done","uptime":2}'
`;
const OFF = `report '{"event":"poweroff","uptime":3}'\npoweroff -f\n`;

describe('a guest that', () => {
  it('reports everything and powers off, passes and leaves its reports', async () => {
    expect(await verdict(await guest(GOOD + OFF), { expect: { containers: { demo: { subnet: '10.22.0.0/16' } } } })).toBe('passed');
    expect((await readdir(out())).sort()).toEqual(['direct.console.log', 'direct.report.jsonl', 'junit.xml', 'manifest.json', 'report.json']);
    expect(written).toMatch(/✔ direct {4}3 of 3 checks {8}1\.00 s {5}1\.00 s {4}48\.8 of 195 MiB/);
    expect(await readFile(join(out(), 'direct.console.log'), 'utf8')).toContain('Linux version');
  });

  it('has an /init that exits, has a failed init', async () => {
    expect(await verdict(await guest('echo "cannot find my stars"; exit 3\n'))).toBe(
      'INIT_FAILED: direct: PID 1 ended: Attempted to kill init! exitcode=0x00000300',
    );
    expect(written).toContain('  | cannot find my stars');
    expect(written).toContain(`log:   ${join(logs(), 'direct.console.log')}`);
  });

  it('switches off before its report is complete, has a failed init', async () => {
    expect(await verdict(await guest(`report '{"event":"init","uptime":1}'\npoweroff -f\n`))).toMatch(
      /^INIT_FAILED: direct: the machine went off after .* the last report was {"event":"init","uptime":1}$/,
    );
  });

  it('has an initramfs cut short, panics', async () => {
    await prepareWorkspace(workspace, await guest(GOOD + OFF));
    await truncate(join(workspace, 'dist/os-images/demo-os/initramfs/initramfs.img'), 1000);
    expect(await runQemuTest(workspace)).toBe(false);
    expect(written).toMatch(/^KERNEL_PANIC: direct: VFS: Unable to mount root fs/m);
  });

  it('does not do what the image promises, fails that assertion', async () => {
    expect(await verdict(await guest(GOOD + OFF), { expect: { processes: ['sshd'] }, memoryUsedKiB: 49_999 })).toBe(
      'ASSERTION_FAILED: direct: expected that process sshd runs; found: nothing reported',
    );
    expect(written).toContain('expected that at most 49999 KiB of memory are used; found: 50000 KiB');
  });

  it('goes off without a shutdown, fails', async () => {
    expect(await verdict(await guest(`${GOOD}poweroff -f\n`))).toMatch(/^ASSERTION_FAILED: direct: the machine went off after .* without a clean shutdown/);
  });

  it('asks for more memory than there is, is not even started', async () => {
    expect(await verdict(await guest(OFF), { memory: 900_000_000 })).toBe('QEMU_FAILED: direct: QEMU ended with exit code 1');
    expect(written).toContain('| qemu-system-x86_64: ');
  });

  it('failed, leaves its logs and no artifact', async () => {
    await verdict(await guest('exit 1\n'));
    expect((await readdir(logs())).sort()).toEqual(['direct.console.log', 'direct.report.jsonl', 'junit.xml', 'report.json']);
    expect(await readFile(join(logs(), 'junit.xml'), 'utf8')).toContain('type="INIT_FAILED"');
    expect(await readdir(join(workspace, 'dist/os-images/demo-os'))).not.toContain('qemu-test');
  });
});

describe('demo-os with', () => {
  it('a container that exits 1, has a failed container', async () => {
    const root = await demoOs();
    const config = JSON.parse(textOf(root, 'containers/web/config.json')) as { process: { args: string[] } };
    config.process.args = ['/bin/sh', '-c', 'echo giving up; exit 1'];
    // One that starts again may run when the guest's tests begin; the client would wait for its health, and these five minutes for the client.
    const service = (name: string, line: string): Entry => fileEntry(`containers/${name}/service`, `${textOf(root, `containers/${name}/service`)}${line}\n`);
    const changed = await demoOs([
      fileEntry('containers/web/config.json', JSON.stringify(config)),
      service('web', 'restart=no'),
      service('client', "depends=''"),
    ]);
    expect(await verdict(changed, { disk: 64, cmdline: 'container-os.tests=none' })).toMatch(
      /^CONTAINER_FAILED: direct: container web failed: .*\(exit code 1\)$/,
    );
  });

  it('a container with the network of the OS and one without any, has just these', async () => {
    const root = await demoOs();
    const config = JSON.parse(textOf(root, 'containers/shell/config.json')) as {
      linux: { namespaces: { type: string }[]; sysctl?: object };
      mounts: { destination: string }[];
    };
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
    delete config.linux.sysctl;
    config.mounts = config.mounts.map((mount) =>
      mount.destination === '/sys' ? { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'ro'] } : mount,
    );
    const service = fileEntry('containers/shell/service', `${textOf(root, 'containers/shell/service')}networks='' ports='' port_mappings=''\n`);
    const otherTests = root.filter(({ path }) => /self-test\.d\/(?!36)/.test(path)).map(({ path }) => fileEntry(path, '#!/bin/sh\n', 0o755));
    expect(await verdict(await demoOs([fileEntry('containers/shell/config.json', JSON.stringify(config)), service, ...otherTests]), { disk: 64 })).toBe(
      'passed',
    );
    const report = await readFile(join(out(), 'direct.report.jsonl'), 'utf8');
    expect(report).toMatch(/"name":"counter has no interface but lo","ok":true/);
    expect(report).toMatch(/"container":"shell","kind":"net","value":"(\d+)","host":"\1"/);
  });

  it('a boot step that fails, has a failed init', async () => {
    const broken = fileEntry('etc/boot.d/45-broken.sh', '#!/bin/sh\necho no stars today\nexit 3\n', 0o755);
    expect(await verdict(await demoOs([broken]))).toBe('INIT_FAILED: direct: boot step 45-broken failed with exit code 3: no stars today');
  });
});

describe('a guest that hangs', () => {
  /** The code and message after `limit` seconds. */
  async function after(limit: number, init: string, cmdline: string): Promise<string> {
    await prepareWorkspace(workspace, await guest(init));
    await mkdir(logs(), { recursive: true });
    const artifacts = { kernel: KERNEL, initramfs: join(workspace, 'dist/os-images/demo-os/initramfs/initramfs.img') };
    const machine: Machine = { boot: 'direct', accelerator: 'tcg', memory: 128, artifacts, cmdline, console: 'stdout' };
    const outcome = await boot((io) => qemuArgv({ ...machine, ...io }), {
      logs: logs(),
      name: 'direct',
      scratch: workspace,
      limit,
      longest: 900,
      signal: new AbortController().signal,
    });
    const failure = classify(outcome);
    return `${failure?.code}: ${failure?.message}`;
  }

  it('after its first report, is ended at the limit with what it reported last', async () => {
    const init = `report '{"event":"step","step":"20-cgroups","status":"ok","uptime":1}'\nwhile :; do sleep 1; done\n`;
    expect(await after(15, init, 'console=ttyS0 panic=-1')).toBe(
      'BOOT_TIMEOUT: nothing new for 15 s; the last report was {"event":"step","step":"20-cgroups","status":"ok","uptime":1}',
    );
    expect(runningGuests()).toEqual([]);
  });

  it('without a word of the kernel, has no kernel output', async () => {
    expect(await after(6, 'while :; do sleep 1; done\n', 'console=ttyS1 quiet')).toBe('NO_KERNEL_OUTPUT: nothing new for 6 s, and the kernel wrote nothing');
  });

  it('is ended when the user interrupts the test', async () => {
    await prepareWorkspace(workspace, await guest('echo it hangs; while :; do sleep 1; done\n'));
    const running = runQemuTest(workspace, { accelerator: 'tcg' });
    await vi.waitFor(async () => expect(await readFile(join(logs(), 'direct.console.log'), 'utf8')).toContain('it hangs'), { timeout: 60_000, interval: 500 });
    expect(runningGuests()).toHaveLength(1);
    process.emit('SIGINT');
    expect(await running).toBe(false);
    expect(written).toContain('INTERRUPTED');
    expect(runningGuests()).toEqual([]);
  });

  /** Command lines of the QEMU processes that boot from this workspace. */
  function runningGuests(): string[] {
    const processes = execFileSync('ps', ['-ww', '-e', '-o', 'args='], { encoding: 'utf8' }).split('\n');
    return processes.filter((line) => line.startsWith('qemu-system') && line.includes(workspace));
  }
});

describe('the accelerator', () => {
  it('chosen by itself boots the probe', async () => {
    const { signal } = new AbortController();
    const { accelerator } = await chooseAccelerator('auto', KERNEL, signal);
    expect(await probeBoot(KERNEL, accelerator, 60, signal)).toBeGreaterThan(0);
  });

  it('does not get past a kernel that never panics within the limit', async () => {
    const start = performance.now();
    const notAKernel = join(workspace, 'vmlinux');
    await writeFile(notAKernel, 'no kernel');
    expect(await probeBoot(notAKernel, 'tcg', 5, new AbortController().signal)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(12_000);
  });
});
