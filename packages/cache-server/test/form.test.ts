import { randomBytes } from 'node:crypto';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { entryBody, tar } from './entry-body.ts';
import { collect, streamOf } from './streams.ts';
import { FormError, formed, startFormCheck } from '../src/form.ts';

const entry = entryBody(randomBytes(300_000));
const badHeader = (): Buffer => {
  const bytes = tar(Buffer.from('x'));
  bytes[0]! ^= 1;
  return gzipSync(bytes);
};

describe('the form of an entry', () => {
  it.each([1, 7, 1000, 65_536, 1_000_000])('holds in chunks of %d bytes, and passes them on as they are', async (chunk) => {
    const small = chunk < 100 ? entryBody('x') : entry;
    expect((await collect(formed(streamOf(small, chunk)))).equals(small)).toBe(true);
  });

  it('holds for what is stored without compression', async () => {
    const plain = gzipSync(tar(randomBytes(100_000)), { level: 0 });
    expect((await collect(formed(streamOf(plain)))).equals(plain)).toBe(true);
  });

  const page = Buffer.from('<!doctype html><title>Sign in</title>');
  it.each([
    ['nothing', Buffer.alloc(0), 'the body is empty'],
    ['a page', page, 'the body begins with "<!doctype html><"'],
    ['a page behind one byte of gzip', Buffer.concat([Buffer.of(0x1f), page]), 'begins with "\\u001f<!doctype html>"'],
    ['a tar without gzip', tar(Buffer.from('x')), 'begins with "terminalOutput'],
    ['the two bytes of gzip', entry.subarray(0, 2), 'ends after 2 bytes, inside of its gzip stream'],
    ['half of an entry', entry.subarray(0, entry.length / 2), `ends after ${Math.floor(entry.length / 2)} bytes, inside of its gzip stream`],
    ['an entry without its last byte', entry.subarray(0, -1), 'inside of its gzip stream'],
    ['gzip with a wrong checksum', Buffer.concat([entry.subarray(0, -8), Buffer.alloc(8)]), 'is damaged gzip (incorrect data check)'],
    ['bytes after the end of an entry', Buffer.concat([entry, page]), 'is damaged gzip (incorrect header check)'],
    ['gzip of nothing', gzipSync(''), 'expands to 0 bytes'],
    ['gzip of a page', gzipSync(page), 'expands to 37 bytes'],
    ['gzip of text', gzipSync(Buffer.alloc(5000, 'text ')), 'is gzip of something that is no tar (the first header has checksum none'],
    ['gzip of zeros, an empty tar', gzipSync(Buffer.alloc(10_240)), 'the first header has checksum none, its bytes have 256'],
    ['a tar whose first header is bad', badHeader(), 'is gzip of something that is no tar (the first header has checksum'],
    ['gzip of a tar that is cut', gzipSync(tar(randomBytes(9000)).subarray(0, 5120)), 'without the two empty blocks'],
  ])('refuses %s', async (_, body, problem) => {
    await expect(collect(formed(streamOf(body)))).rejects.toThrow(problem);
    if (body.length < 20_000) await expect(collect(formed(streamOf(body, 1)))).rejects.toThrow(FormError);
  });

  it('tells what was expected and what to do', async () => {
    await expect(collect(formed(streamOf(page)))).rejects.toThrow(/expected the gzip'd tar that Nx sends\. .* correct the address or the proxy/);
  });

  it('expands what is small and becomes huge to a limit, unless it is to be thorough, and keeps nothing of it', async () => {
    const zeros = async function* () {
      yield tar(Buffer.from('x')).subarray(0, 1024);
      for (let block = 0; block < 400; block++) yield Buffer.alloc(1024 * 1024);
    };
    const chunks: Buffer[] = [];
    const { Readable } = await import('node:stream');
    for await (const chunk of Readable.from(zeros()).pipe(createGzip({ level: 1 }))) chunks.push(chunk as Buffer);
    const bomb = Buffer.concat(chunks);
    const cut = bomb.subarray(0, -100);
    const before = process.memoryUsage().rss;
    const [quick, thorough] = [startFormCheck(), startFormCheck(true)];
    for (const check of [quick, thorough]) for (let at = 0; at < cut.length; at += 65_536) await check.add(cut.subarray(at, at + 65_536));
    await quick.end();
    await expect(thorough.end()).rejects.toThrow('truncated');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});
