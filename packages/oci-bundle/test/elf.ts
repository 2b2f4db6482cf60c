/** exit_group(0) of x86-64: xor edi,edi; mov eax,231; syscall. */
const EXIT = Buffer.from([0x31, 0xff, 0xb8, 231, 0, 0, 0, 0x0f, 0x05]);

interface Header {
  machine?: number;
  bits?: 32 | 64;
  big?: boolean;
  type?: number;
  headers?: number;
  /** PT_INTERP, with its NUL. */
  loader?: string;
}

/** The smallest ELF program, which exits with 0 where its header lets it run: elf(5). */
export function elf({ machine = 62, bits = 64, big = false, type = 3, loader = '', headers = loader ? 2 : 1 }: Header = {}): Buffer {
  const [headerSize, entrySize] = bits === 64 ? [64, 56] : [52, 32];
  const start = headerSize + entrySize * 2;
  const out = Buffer.alloc(start + EXIT.length + loader.length);
  const view = new DataView(out.buffer, out.byteOffset);
  const half = (at: number, value: number): void => view.setUint16(at, value, !big);
  const word = (at: number, value: number): void => (bits === 64 ? view.setBigUint64(at, BigInt(value), !big) : view.setUint32(at, value, !big));
  const base = type === 2 ? 0x400000 : 0;
  out.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, big ? 2 : 1, 1]);
  half(16, type);
  half(18, machine);
  view.setUint32(20, 1, !big);
  word(24, base + start);
  word(bits === 64 ? 32 : 28, headerSize);
  half(bits === 64 ? 54 : 42, entrySize);
  half(bits === 64 ? 56 : 44, headers);
  const entry = (index: number, kind: number, from: number, size: number): void => {
    const at = headerSize + index * entrySize;
    const fields = bits === 64 ? [8, 16, 24, 32, 40, 48] : [4, 8, 12, 16, 20, 28];
    view.setUint32(at, kind, !big);
    view.setUint32(at + (bits === 64 ? 4 : 24), 5, !big);
    for (const [field, value] of [from, base + from, base + from, size, size, 0x1000].entries()) word(at + (fields[field] ?? 0), value);
  };
  entry(0, 1, 0, out.length);
  if (loader) entry(1, 3, start + EXIT.length, loader.length);
  EXIT.copy(out, start);
  out.write(loader, start + EXIT.length, 'latin1');
  return out;
}
