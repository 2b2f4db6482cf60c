import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Box } from './box.ts';
import type { Edit } from './edit.ts';
import type { Random } from './random.ts';

/** A program of the name that hands its arguments on, some changed: what it says of its version stays. */
function wrapper(program: string, call: string): string {
  return `#!/bin/sh\ncase "$*" in --version | -version | -dumpfullversion) exec ${program} "$@" ;; esac\n${call}\n`;
}

export function squashfsEdit(box: Box, random: Random): Edit {
  const real = '/usr/bin/mksquashfs';
  const which = random.pick(['block size', 'wrapper', 'binary', 'liblz4']);
  if (which === 'binary') box.replaceOnHost(real, edited(box, real));
  else if (which === 'liblz4') box.replaceOnHost(realpathSync('/usr/lib/x86_64-linux-gnu/liblz4.so.1'), weakLz4(box));
  else
    box.program(
      'mksquashfs',
      wrapper(real, which === 'wrapper' ? `exec ${real} "$@"` : `for a; do shift; [ "$a" = 128K ] && a=32K; set -- "$@" "$a"; done\nexec ${real} "$@"`),
    );
  return {
    what: `another mksquashfs of one version: ${which}`,
    suspects: ['rootfs'],
    programs: which === 'wrapper' || which === 'block size' ? ['mksquashfs'] : [],
  };
}

/** Each with the targets that run it. */
const TOOLS: [name: string, call: string, targets: string[]][] = [
  ['gcc', 'exec /usr/bin/gcc "$@" -O0', ['busybox', 'kernel']],
  ['gcc', 'exec /usr/bin/gcc "$@"', ['busybox', 'kernel']],
  ['x86_64-linux-gnu-gcc', 'exec /usr/bin/x86_64-linux-gnu-gcc "$@" -O0', ['tini', 'early-init', 'programs']],
  ['musl-gcc', 'exec /usr/bin/musl-gcc "$@" -O0', ['tini', 'early-init', 'programs']],
  ['as', 'exec /usr/bin/as "$@" --execstack', ['busybox', 'early-init', 'tini']],
  ['as', 'exec /usr/bin/as "$@"', ['busybox', 'early-init', 'kernel']],
  ['ld', 'exec /usr/bin/ld "$@" --build-id=0x1234', ['early-init', 'tini', 'kernel']],
  ['xorriso', 'exec /usr/bin/xorriso "$@" -publisher EDITED', ['iso']],
  ['xorriso', 'exec /usr/bin/xorriso "$@"', ['iso']],
  ['mformat', 'exec /usr/bin/mformat -v EDITED "$@"', ['iso']],
  ['mcopy', 'exec /usr/bin/mcopy -m "$@"', ['iso']],
  ['mmd', '/usr/bin/mmd "$@" && exec /usr/bin/mmd -i "$2" ::/EDITED', ['iso']],
  ['grub-mkimage', 'exec /usr/bin/grub-mkimage "$@" echo', ['iso']],
  ['zstd', 'exec /usr/bin/zstd "$@" -1', ['initramfs']],
  ['zstd', 'exec /usr/bin/zstd "$@"', ['initramfs']],
  ['make', 'exec /usr/bin/make "$@"', ['kernel', 'kernel-config', 'busybox']],
];

/** A tool that decides bytes, replaced in PATH by one that says the same version. */
export function toolEdit(box: Box, random: Random): Edit {
  const [name, call, targets] = random.pick(TOOLS);
  box.program(name, wrapper(`/usr/bin/${name}`, call));
  return { what: `another ${name} of one version: ${call}`, suspects: [random.pick(targets)], programs: [name] };
}

const C = '/usr/lib/x86_64-linux-musl/libc.a';

/** Files of the host, as Nx and the build see them. */
export function hostEdit(box: Box, random: Random): Edit {
  const [path, change, target] = random.pick<[string, (copy: string) => void, string]>([
    ['/usr/include/x86_64-linux-musl/stdio.h', (copy) => appendFileSync(copy, '/* edited */\n'), 'early-init'],
    ['/usr/include/x86_64-linux-musl/unistd.h', (copy) => appendFileSync(copy, '#error edited\n'), 'early-init'],
    ['/usr/include/x86_64-linux-musl/complex.h', (copy) => appendFileSync(copy, '/* edited */\n'), 'early-init'],
    ['/usr/include/stdio.h', (copy) => appendFileSync(copy, '#define puts(s) fputs("edited", stdout)\n'), 'busybox'],
    [C, (copy) => appendFileSync(copy, 'x'), 'tini'],
    ['/usr/lib/x86_64-linux-musl/crt1.o', (copy) => writeFileSync(copy, ''), 'early-init'],
    ['/usr/lib/grub/i386-pc/normal.mod', (copy) => writeFileSync(copy, readFileSync('/usr/lib/grub/i386-pc/echo.mod')), 'iso'],
    ['/usr/lib/grub/i386-pc/boot_hybrid.img', (copy) => writeFileSync(copy, readFileSync(copy).fill(0x45, 400, 402)), 'iso'],
    ['/usr/lib/grub/x86_64-efi/kernel.img', (copy) => appendFileSync(copy, 'x'), 'iso'],
    ['/etc/os-release', (copy) => appendFileSync(copy, 'EDITED=1\n'), 'iso'],
    ['/etc/hostname', (copy) => writeFileSync(copy, 'edited\n'), 'kernel'],
    ['/etc/passwd', (copy) => appendFileSync(copy, 'edited:x:4242:4242::/:/bin/sh\n'), 'rootfs'],
    ['/usr/bin/xorriso', (copy) => appendFileSync(copy, 'x'), 'iso'],
    [cc1(), (copy) => appendFileSync(copy, 'x'), random.pick(['early-init', 'busybox'])],
    ['/usr/bin/x86_64-linux-gnu-as', (copy) => appendFileSync(copy, 'x'), 'early-init'],
    ['/usr/lib/x86_64-linux-musl/musl-gcc.specs', (copy) => appendFileSync(copy, '\n*cc1_options:\n+ -O0\n\n'), 'tini'],
    [join(cc1(), '../specs'), () => undefined, 'busybox'],
    ['/lib/x86_64-linux-gnu/liblzma.so.5', (copy) => appendFileSync(copy, 'x'), random.pick(['initramfs', 'iso'])],
    ['/usr/include/linux/version.h', (copy) => appendFileSync(copy, '/* edited */\n'), random.pick(['kernel-config', 'busybox'])],
    ['/etc/mtools.conf', (copy) => appendFileSync(copy, 'mtools_lower_case=1\n'), 'iso'],
  ]);
  if (path.endsWith('/specs')) {
    // A file more in a directory of the compiler.
    const directory = join(path, '..');
    const upper = join(box.directory(), 'upper');
    mkdirSync(upper);
    writeFileSync(join(upper, 'specs'), '*link:\n+ --build-id=0x1234\n\n');
    box.changed.add(path);
    box.mounts.set(directory, `overlay:${upper}`);
  } else if (existsSync(path)) {
    const real = realpathSync(path);
    const copy = copyOf(box, real);
    change(copy);
    box.replaceOnHost(real, copy);
    box.changed.add(path);
  }
  return { what: `${path} edited`, suspects: [target] };
}

function cc1(): string {
  return execFileSync('gcc', ['-print-prog-name=cc1'], { encoding: 'utf8' }).trim();
}

function copyOf(box: Box, file: string): string {
  const copy = join(box.directory(), basename(file));
  cpSync(file, copy, { preserveTimestamps: true });
  return copy;
}

/** The program with a byte more, which it does not read. */
function edited(box: Box, file: string): string {
  const copy = copyOf(box, file);
  appendFileSync(copy, 'x');
  return copy;
}

/** liblz4 that compresses less: the host's own, with one function before it. */
function weakLz4(box: Box): string {
  const directory = box.directory();
  const real = join(directory, 'real.so');
  const library = readFileSync('/usr/lib/x86_64-linux-gnu/liblz4.so.1');
  // Another soname, so that the loader takes both.
  const soname = library.indexOf('liblz4.so.1\0');
  library.write('liblz4.so.r', soname);
  writeFileSync(real, library, { mode: 0o755 });
  cpSync(real, join(directory, 'liblz4.so.r'));
  const source = join(directory, 'weak.c');
  writeFileSync(
    source,
    `#define _GNU_SOURCE
#include <dlfcn.h>
typedef int compress(const char *, char *, int, int, int);
int LZ4_compress_HC(const char *s, char *d, int n, int m, int l)
{
  compress *f = (compress *)dlsym(RTLD_NEXT, "LZ4_compress_HC");
  return f(s, d, n, m, 1);
}
`,
  );
  const made = join(directory, 'liblz4.so.1');
  execFileSync('gcc', ['-shared', '-fPIC', '-o', made, source, '-Wl,-soname,liblz4.so.1', '-Wl,--no-as-needed', real, `-Wl,-rpath,${directory}`]);
  return made;
}
