import { readManifest, sha256File } from '@container-os/core';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildIso, isoOf, type Payload } from './workspace.ts';

const PAYLOAD: Payload = { bzImage: Buffer.alloc(300_000, 'kernel '), initramfs: Buffer.alloc(200_000, 'initramfs ') };

let root: string;
let written: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'iso-'));
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
  written = '';
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => ((written += String(text)), true));
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

/** What xorriso, reading the finished image, says. */
const report = (...command: string[]): string =>
  execFileSync('xorriso', ['-no_rc', '-indev', isoOf(root), ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe('the image', () => {
  it('boots from CD by an El Torito entry for BIOS and one for UEFI', async () => {
    expect(await buildIso(root, PAYLOAD)).toBe(true);
    const entries = report('-report_el_torito', 'plain')
      .split('\n')
      .filter((line) => /boot img +:/.test(line))
      .map((line) => line.split(/\s+/).slice(6, 9));
    expect(entries).toEqual([
      ['BIOS', 'y', 'none'],
      ['UEFI', 'y', 'none'],
    ]);
    expect(report('-report_el_torito', 'plain')).toContain('/boot/grub/bios.img');
  });

  it("boots from a USB stick by GRUB's code in the MBR and a GPT partition with the UEFI loader", async () => {
    await buildIso(root, PAYLOAD);
    const area = report('-report_system_area', 'plain');
    expect(area).toContain('grub2-mbr');
    const [, first, sectors] = /GPT start and size +: +\d+ +(\d+) +(\d+)\nGPT partition path : +\d+ +\/boot\/grub\/efi\.img/.exec(area) ?? [];
    expect(Number(sectors)).toBeGreaterThan(500);
    const loader = execFileSync('mtype', ['-i', `${isoOf(root)}@@${Number(first) * 512}`, '::/EFI/BOOT/BOOTX64.EFI']);
    expect(loader.subarray(0, 2).toString()).toBe('MZ');
  });

  it('holds kernel, initramfs and grub.cfg', async () => {
    await buildIso(root, PAYLOAD, { title: 'My OS' });
    const into = join(root, 'extracted');
    report('-osirrox', 'on', '-extract', '/boot', into);
    expect(Buffer.compare(await readFile(join(into, 'bzImage')), PAYLOAD.bzImage ?? Buffer.of())).toBe(0);
    expect(Buffer.compare(await readFile(join(into, 'initramfs.img')), PAYLOAD.initramfs ?? Buffer.of())).toBe(0);
    expect(await readFile(join(into, 'grub/grub.cfg'), 'utf8')).toContain("menuentry 'My OS'");
    expect(report('-pvd_info')).toContain('DEMO_OS');
    execFileSync('chmod', ['-R', 'u+w', into]);
  });

  it('holds a root file system too, and passes the file that identifies the medium to the kernel', async () => {
    const rootfs = Buffer.alloc(100_000, 'rootfs ');
    await buildIso(root, { ...PAYLOAD, rootfs });
    const into = join(root, 'extracted');
    report('-osirrox', 'on', '-extract', '/', into);
    expect(Buffer.compare(await readFile(join(into, 'boot/rootfs.squashfs')), rootfs)).toBe(0);
    const [, medium] = /'container-os\.medium=(\S+)'/.exec(await readFile(join(into, 'boot/grub/grub.cfg'), 'utf8')) ?? [];
    expect(await readFile(join(into, medium ?? 'none'), 'utf8')).toBe('');
    execFileSync('chmod', ['-R', 'u+w', into]);
  });

  it('adds less than 2 MB to kernel and initramfs', async () => {
    await buildIso(root, PAYLOAD);
    expect((await stat(isoOf(root))).size).toBeLessThan(500_000 + 2_000_000);
  });

  it('is next to the artifacts, described by the manifest of iso', async () => {
    await buildIso(root, PAYLOAD);
    const { outputs } = await readManifest(join(root, 'dist/os-images/demo-os/iso'));
    expect(outputs).toEqual([{ file: 'demo-os.iso', size: (await stat(isoOf(root))).size, sha256: await sha256File(isoOf(root)) }]);
    expect(await readdir(join(root, 'dist/os-images/demo-os/iso'))).toEqual(['manifest.json']);
  });
});

describe('the same image, built twice', () => {
  it('has the same bytes, whatever the directory, the time and the umask', async () => {
    await buildIso(root, PAYLOAD);
    const first = await sha256File(isoOf(root));
    const elsewhere = join(root, 'another workspace');
    vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'another-cache'));
    vi.stubEnv('TZ', 'Asia/Tokyo');
    const umask = process.umask(0o077);
    // FAT keeps two seconds, ISO 9660 a hundredth.
    await new Promise((later) => setTimeout(later, 2100));
    await buildIso(elsewhere, PAYLOAD).finally(() => process.umask(umask));
    expect(await sha256File(isoOf(elsewhere))).toBe(first);
  });

  it('omits the root file system of an earlier build if the image has none', async () => {
    await buildIso(root, { ...PAYLOAD, rootfs: Buffer.from('rootfs') });
    await buildIso(root, PAYLOAD);
    expect(report('-find', '/boot', '-type', 'f')).not.toContain('rootfs');
  });

  it('differs when the initramfs does, in the name by which GRUB finds it too', async () => {
    const ids = async (): Promise<string[]> => {
      const listing = report('-find', '/.disk/id', '-type', 'f');
      return listing.trim().split('\n');
    };
    await buildIso(root, PAYLOAD);
    const first = await ids();
    await buildIso(root, { ...PAYLOAD, initramfs: Buffer.from('another') });
    const second = await ids();
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(second).not.toEqual(first);
  });
});

describe('refuses', () => {
  it('to build without kernel', async () => {
    expect(await buildIso(root, { ...PAYLOAD, bzImage: undefined })).toBe(false);
    expect(written).toContain('ARTIFACT_MISSING');
    expect(await readdir(join(root, 'dist/os-images/demo-os'))).toEqual(['initramfs']);
  });

  it('to build without its host tools, naming their packages', async () => {
    vi.stubEnv('PATH', join(root, 'empty'));
    expect(await buildIso(root, PAYLOAD)).toBe(false);
    expect(written).toContain('HOST_TOOL_MISSING: "xorriso", "mformat", "grub-mkimage" not found (iso needs them)');
    expect(written).toContain('apt-get install grub-common mtools xorriso');
  });
});
