// Starts every case of start-cases.ts with crun, on the real kernel: what the build refuses does not start, and what it lets pass does.
// Needs base-vm:kernel, busybox, crun, tini and bundle-web, from CONTAINER_OS_ARTIFACTS (default: dist).
import { builtArtifact } from '@container-os/core/testing';
import { bytesOf, directoryEntry, encode, fileEntry, toTree, type Entry } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OciConfig } from '../src/oci-config.ts';
import { moveBelow, shiftIds } from '../src/rootfs.ts';
import { CASES, rootfsOf } from './start-cases.ts';

const MACHINE = ['-machine', 'q35', '-accel', 'tcg', '-m', '256', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'];

const layer = (target: string): Promise<Entry[]> => readLayer(builtArtifact(`${target}/layer.cpio`));

/** A root on which crun works as on that of the OS: no initramfs, cgroup v2, a bundle that nobody writes to. */
const INIT = `#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
if [ ! -e /new/init ]; then
  mount -t tmpfs tmpfs /new
  cp -a /bin /usr /bundle /cases /init /new/
  mkdir -p /new/proc /new/sys /new/dev /new/run /new/new/init /new/var/lib/container-os/volumes
  umount /proc
  exec switch_root /new /init
fi
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mkdir -p /run/container-os/containers/web
touch /run/resolv.conf /run/container-os/containers/web/hosts /run/container-os/containers/web/resolv.conf
mount -o bind /bundle/rootfs /bundle/rootfs
mount -o remount,bind,ro /bundle/rootfs
cd /bundle
for config in /cases/*; do
  cp "$config" config.json
  timeout 20 crun run "\${config##*/}" >/run/said 2>&1 </dev/null
  echo "case \${config##*/} ended with $? $(tail -n 1 /run/said)"
  crun delete -f "\${config##*/}" >/run/said 2>&1
done
poweroff -f
`;

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'start-'))));
afterAll(() => rm(directory, { recursive: true }));

async function initramfs(): Promise<Entry[]> {
  const own = (await layer('bundle-web')).find(({ path }) => path === 'containers/web/config.json');
  const { linux } = JSON.parse(Buffer.from(own?.type === 'file' ? bytesOf(own.data) : '').toString()) as OciConfig;
  const seccomp = linux?.seccomp;
  const cases = CASES.map(({ config }, index) => fileEntry(`cases/${index}`, JSON.stringify({ ...config, linux: { ...config.linux, seccomp } })));
  const busybox = await layer('busybox');
  const rootfs = moveBelow('bundle/rootfs', shiftIds(rootfsOf(busybox), CASES[0]?.config as OciConfig));
  const directories = ['proc', 'new'].map((path) => directoryEntry(path));
  const programs = [...(await layer('crun')), ...(await layer('tini'))].filter(({ type }) => type === 'file');
  return toTree([...busybox, ...programs, ...directories, ...rootfs, ...cases, fileEntry('init', INIT, 0o755)]);
}

it('crun starts what the build lets pass, and nothing of what it refuses', async () => {
  await writeFile(join(directory, 'initramfs'), Buffer.concat([...encode(await initramfs())].map(bytesOf)));
  const boot = ['-kernel', builtArtifact('kernel/vmlinux'), '-initrd', join(directory, 'initramfs'), '-append', 'console=ttyS0 quiet panic=-1'];
  const { stdout } = await execa('qemu-system-x86_64', [...MACHINE, ...boot], { timeout: 280_000, stdin: 'ignore' });
  const ended = new Map([...stdout.matchAll(/^case (\d+) ended with (\d+) ?(.*?)\r?$/gm)].map(([, index, code, said]) => [Number(index), { code, said }]));
  expect(ended.size).toBe(CASES.length);
  const started = (index: number): boolean => ended.get(index)?.code === '0';
  const wrong = CASES.flatMap(({ name, refusal }, index) => (started(index) === (refusal === undefined) ? [] : [`${name}: ${ended.get(index)?.said}`]));
  expect(wrong).toEqual([]);
});
