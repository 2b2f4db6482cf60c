import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { encodePaxRecord } from '../src/tar/pax.ts';

/** A member of an archive that may be wrong in any way. */
export interface Member {
  name: string | Buffer;
  /** Default: a file. */
  flag?: string;
  content?: string | Buffer;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  linkname?: string | Buffer;
  /** Of a pax header in front. Values are bytes or text. */
  pax?: Record<string, string | Buffer>;
  /** Bytes to put over the header, by offset; the checksum is made after them. */
  patch?: Record<number, string | Buffer>;
}

export const file = (name: string, content = '', more: Partial<Member> = {}): Member => ({ name, content, ...more });
export const directory = (name: string, more: Partial<Member> = {}): Member => ({ name: `${name}/`, flag: '5', mode: 0o755, ...more });
export const symlink = (name: string, linkname: string): Member => ({ name, flag: '2', linkname, mode: 0o777 });
export const link = (name: string, linkname: string, more: Partial<Member> = {}): Member => ({ name, flag: '1', linkname, ...more });

/** The archive of `members`, byte by byte, with two blocks of zeros at its end. */
export function archive(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.map(encode), Buffer.alloc(1024)]);
}

function encode({ pax, ...member }: Member): Buffer {
  if (!pax) return block(member);
  const records = Object.entries(pax).map(([key, value]) => record(key, value));
  return Buffer.concat([block({ name: 'PaxHeader', flag: 'x', content: Buffer.concat(records) }), block(member)]);
}

/** As `encodePaxRecord`, with bytes. */
export function record(key: string, value: string | Buffer): Buffer {
  const placeholder = encodePaxRecord(key, 'x'.repeat(Buffer.from(value).length));
  return Buffer.concat([Buffer.from(placeholder.slice(0, placeholder.indexOf('=') + 1)), Buffer.from(value), Buffer.from('\n')]);
}

function block({ name, flag = '0', content = '', mode = 0o644, uid = 0, gid = 0, mtime = 1_700_000_000, linkname = '', patch = {} }: Member): Buffer {
  const header = Buffer.alloc(512);
  const data = Buffer.from(content);
  header.set(Buffer.from(name).subarray(0, 100));
  const numbers = { 100: [mode, 7], 108: [uid, 7], 116: [gid, 7], 124: [data.length, 11], 136: [mtime, 11] } as const;
  for (const [at, [value, digits]] of Object.entries(numbers)) header.write(value.toString(8).padStart(digits, '0'), Number(at));
  header.write(flag, 156);
  header.set(Buffer.from(linkname).subarray(0, 100), 157);
  header.write('ustar\x0000', 257, 'latin1');
  for (const [at, bytes] of Object.entries(patch)) header.set(Buffer.from(bytes), Number(at));
  header.write('        ', 148);
  header.write(
    header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0'),
    148,
  );
  header[154] = 0;
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** A directory for the tests of a file, and archives in it. */
export function useArchives(): { readonly root: string; write(bytes: Buffer): Promise<string> } {
  let [root, count] = ['', 0];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'oci-image-'));
  });
  afterAll(() => rm(root, { recursive: true }));
  return {
    get root() {
      return root;
    },
    async write(bytes) {
      const path = join(root, `${count++}.tar`);
      await writeFile(path, bytes);
      return path;
    },
  };
}
