import { gunzipSync, gzipSync } from 'node:zlib';

/** The body of an entry as Nx sends it, whose only file holds `content`. */
export function entryBody(content: Uint8Array | string): Buffer<ArrayBuffer> {
  return gzipSync(tar(Buffer.from(content)), { level: 1 }) as Buffer<ArrayBuffer>;
}

/** The content in the answer to a GET of an {@link entryBody}. */
export async function contentOf(answer: Response): Promise<string> {
  const bytes = gunzipSync(Buffer.from(await answer.arrayBuffer()));
  return bytes.toString('utf8', 512, 512 + parseInt(bytes.toString('latin1', 124, 135), 8));
}

/** A tar of one file named as Nx names what a task printed: GNU header, content, two empty blocks. */
export function tar(content: Uint8Array): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(512);
  header.write('terminalOutput', 0);
  for (const at of [100, 108, 116]) header.write('0000644\0', at);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar  \0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc(((512 - (content.length % 512)) % 512) + 1024)]);
}
