import { directoryEntry, fileEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { DIRECT_CMDLINE, readReport, type Boot, type Reader } from '@container-os/qemu';
import { execa } from 'execa';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../files.ts';
import { readEntryMark, readMarks } from './readers.ts';
import { bootImages, bzImageEntries, peEntry, pvhEntry } from './entries.ts';

/** What is booted and measured. Paths are absolute. */
export interface Image {
  name: string;
  /** What QEMU starts without boot loader: a vmlinux or a bzImage. */
  kernel: string;
  bzImage: string;
  initramfs: string;
  iso: string;
  cmdline: string;
  /** A formatted data disk, of which each boot gets a copy. */
  disk?: string;
  read: Reader;
}

/** Where the artifacts of an image lie. */
export interface Built {
  /** The directory of an artifact. */
  artifact(name: string): string;
  iso: string;
}

/** The image `name`, which is up when `containers` run. */
export function builtImage(name: string, { artifact, iso }: Built, containers: readonly string[], disk: string): Image {
  return {
    name,
    kernel: join(artifact('kernel'), 'vmlinux'),
    bzImage: join(artifact('kernel'), 'bzImage'),
    initramfs: join(artifact('initramfs'), 'initramfs.img'),
    iso,
    cmdline: `${DIRECT_CMDLINE} quiet`,
    disk,
    read: readReport([...containers]),
  };
}

/** The recipe that the project grew from, of the artifacts in `directory`. */
export function seedReference(directory: string): Image {
  const bzImage = join(directory, 'vmlinuz');
  return {
    name: 'seed-reference',
    kernel: bzImage,
    bzImage,
    initramfs: join(directory, 'initrd.img'),
    iso: join(directory, 'container-os.iso'),
    cmdline: 'console=ttyS0',
    read: readMarks,
  };
}

/**
 * The kernel and boot loader of `image` with nothing to start: an init that prints the processor's counter, reads as many bytes
 * of the medium as `rootfs` has, once, and prints it again. The limit of what an OS on them can reach.
 */
export async function emptyInit(image: Image, rootfs: string, scratch: string): Promise<Image> {
  const [init, initramfs, iso] = [join(scratch, 'empty-init'), join(scratch, 'empty.img'), join(scratch, 'empty.iso')];
  const { size } = await stat(rootfs);
  await execa('musl-gcc', ['-static', '-O2', `-DBYTES=${size}`, '-o', init, join(root, 'tools/bench/empty-init.c')]);
  const console: Entry = { type: 'character', path: 'dev/console', mode: 0o600, uid: 0, gid: 0, mtime: 0, major: 5, minor: 1 };
  await writeLayer(initramfs, [directoryEntry('dev'), console, fileEntry('init', await readFile(init), 0o755)]);
  await execa('xorriso', ['-indev', image.iso, '-outdev', iso, '-boot_image', 'any', 'replay', '-map', initramfs, '/boot/initramfs.img'], { stdio: 'ignore' });
  const { disk: _, ...rest } = image;
  return { ...rest, name: 'empty init', initramfs, iso, read: readMarks };
}

/** What a boot is stopped at: the first instruction of the boot loader, or of the kernel. */
export type Entrance = 'loader' | 'kernel';

/** `image` with a program that prints the processor's counter and stops, where its boot loader or its kernel begins. */
export async function markedImage(image: Image, boot: Boot, entrance: Entrance, scratch: string): Promise<Image> {
  const { disk: _, ...rest } = image;
  const marked = { ...rest, name: `${image.name}'s ${entrance}`, read: readEntryMark };
  if (boot === 'direct') {
    const kernel = await readFile(image.kernel);
    await mark(kernel, image.kernel === image.bzImage ? bzImageEntries(kernel) : [pvhEntry(kernel)], scratch);
    return { ...marked, kernel: await written(join(scratch, 'marked-kernel'), kernel) };
  }
  const iso = await readFile(image.iso);
  if (entrance === 'kernel') {
    const kernel = await readFile(image.bzImage);
    const start = iso.indexOf(kernel.subarray(0, 1 << 16));
    if (start < 0) throw new Error(`${image.iso} does not have ${image.bzImage}`);
    await mark(
      iso,
      bzImageEntries(kernel).map((entry) => start + entry),
      scratch,
    );
  } else if (boot === 'iso-bios') await mark(iso, [bootImages(iso).bios], scratch, ['-DREAL_MODE']);
  else await mark(iso, [peEntry(iso, bootImages(iso).uefi)], scratch);
  return { ...marked, iso: await written(join(scratch, 'marked.iso'), iso) };
}

async function mark(file: Buffer, offsets: readonly number[], scratch: string, defines: readonly string[] = []): Promise<void> {
  const [object, code] = [join(scratch, 'entry-mark.o'), join(scratch, 'entry-mark.bin')];
  await execa('gcc', ['-c', ...defines, '-o', object, join(root, 'tools/bench/entry-mark.S')]);
  await execa('objcopy', ['-O', 'binary', '-j', '.text', object, code]);
  const bytes = await readFile(code);
  for (const offset of offsets) bytes.copy(file, offset);
}

async function written(file: string, content: Buffer): Promise<string> {
  await writeFile(file, content);
  return file;
}
