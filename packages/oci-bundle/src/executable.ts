import { bytesOf, type FileEntry } from '@container-os/cpio';

type Content = FileEntry['data'];

/** What the kernel makes of a file that it is told to execute, by binfmt_script.c and binfmt_elf.c of Linux. */
export type Executable =
  { kind: 'script'; interpreter: string } | { kind: 'elf'; loader?: string } | { kind: 'i386' } | { kind: 'refused'; why: string; hint: string };

/** The kernel looks at so many bytes to tell what a file is; the `#!` line's interpreter must end within them. */
export const HEAD = 256;
/** Longer paths of a loader are no paths: PATH_MAX. */
const PATH_MAX = 4096;
const PT_INTERP = 3;
const X86_64 = 62;
const I386 = 3;
/** e_machine of elf(5), those that a download for another machine is likely to have. */
const MACHINES: Record<number, string> = { [I386]: '32-bit x86', 21: '64-bit PowerPC', 22: 'S/390', 40: '32-bit ARM', 183: '64-bit ARM', 243: 'RISC-V' };
const BUILD_FOR = 'Take the program for x86-64.';

export function executableOf(content: Content): Executable {
  const head = read(content, 0, HEAD);
  if (head.length === 0) return refused('is empty', 'Write the program, or correct "command".');
  if (head.toString('latin1', 0, 4) === '\x7fELF') return elfOf(content, head);
  if (head.toString('latin1', 0, 2) === '#!') return scriptOf(head);
  if (head.toString('latin1', 0, 3) === '\xef\xbb\xbf')
    return refused('begins with a byte order mark, expected "#!" or an ELF header', 'Save it as UTF-8 without a byte order mark.');
  return refused(
    `begins with ${JSON.stringify(head.toString('latin1', 0, 16))}, expected "#!" and an interpreter, or an ELF header`,
    'Put a line such as "#!/bin/sh" before a script.',
  );
}

function scriptOf(head: Buffer): Executable {
  // What a shorter file lacks, the kernel reads as zeros.
  const line = Buffer.concat([head, Buffer.alloc(HEAD - head.length)]).toString('latin1');
  const interpreter = /^#![ \t]*([^ \t\n\0]+)[ \t\n\0]/.exec(line)?.[1];
  if (interpreter !== undefined) return { kind: 'script', interpreter: Buffer.from(interpreter, 'latin1').toString() };
  return /^#![ \t]*[\n\0]/.test(line)
    ? refused('has no interpreter after its "#!"', 'Name one, such as "#!/bin/sh".')
    : refused(`has a "#!" line whose interpreter does not end within ${HEAD} bytes`, 'Give the interpreter a shorter path.');
}

function elfOf(content: Content, head: Buffer): Executable {
  if (head.length < 64) return cutShort(content, 64);
  const [type, machine, entrySize, entries] = [head.readUInt16LE(16), head.readUInt16LE(18), head.readUInt16LE(54), head.readUInt16LE(56)];
  if (machine === I386) return { kind: 'i386' };
  if (machine !== X86_64) {
    const name = MACHINES[machine] ?? MACHINES[head.readUInt16BE(18)] ?? 'another machine';
    return refused(`is an ELF program for ${name} (e_machine ${machine}), expected x86-64 (${X86_64})`, BUILD_FOR);
  }
  if (type !== 2 && type !== 3) return refused(`is an ELF file of type ${type}, expected a program (2 or 3)`, 'Link it.');
  if (entrySize !== 56) return refused(`is an ELF program for x32 (program headers of ${entrySize} bytes), expected x86-64 (56)`, BUILD_FOR);
  if (entries === 0 || entries * entrySize > 65536) return refused(`is an ELF file with ${entries} program headers, expected 1 to 1170`, BUILD_FOR);
  const start = Number(head.readBigUInt64LE(32));
  const table = read(content, start, entries * entrySize);
  if (table.length < entries * entrySize) return cutShort(content, start + entries * entrySize);
  for (let at = 0; at < table.length; at += entrySize) {
    if (table.readUInt32LE(at) !== PT_INTERP) continue;
    const [from, size] = [Number(table.readBigUInt64LE(at + 8)), Number(table.readBigUInt64LE(at + 32))];
    const path = size <= PATH_MAX ? read(content, from, size) : undefined;
    if (path && path.length < size) return cutShort(content, from + size);
    if (!path || size < 2 || path.at(-1) !== 0) return refused(`is an ELF program with a loader's path of ${size} bytes that is no path`, 'Link it again.');
    return { kind: 'elf', loader: path.toString('utf8', 0, path.indexOf(0)) };
  }
  return { kind: 'elf' };
}

function cutShort(content: Content, expected: number): Executable {
  return refused(`is an ELF program that is cut short: it has ${content.length} bytes, expected at least ${expected}`, 'Get or build it again.');
}

function refused(why: string, hint: string): Executable {
  return { kind: 'refused', why, hint };
}

/** `size` bytes from `start` on, or as many as there are. */
function read(content: Content, start: number, size: number): Buffer {
  return Buffer.from(bytesOf(content.subarray(start, start + size)));
}
