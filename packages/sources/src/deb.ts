import { BuildError, run } from '@container-os/core';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** How tar is told of a compression: of a pipe it finds none itself. */
const DECOMPRESS: Record<string, string[]> = { 'data.tar': [], 'data.tar.gz': ['--gzip'], 'data.tar.xz': ['--xz'], 'data.tar.bz2': ['--bzip2'] };

/**
 * Unpacks the files of a Debian package over `directory`, without dpkg, which few distributions have. Returns their paths in the package,
 * those of directories with a `/` at the end.
 *
 * @throws BuildError DEB_UNREADABLE, COMMAND_FAILED
 */
export async function unpackDeb(file: string, directory: string, signal: AbortSignal): Promise<string[]> {
  const { name, start, size } = await findData(file);
  const input = createReadStream(file, { start, end: start + size - 1 });
  const options = ['--extract', '--verbose', ...(DECOMPRESS[name] ?? []), '--preserve-permissions', '--no-same-owner', '--file=-', `--directory=${directory}`];
  const { stdout } = await run(['tar', ...options], { input, signal });
  return stdout.split('\n').flatMap((path) => path.replace(/^\.\//, '') || []);
}

interface Member {
  name: string;
  /** Of its first byte in the archive. */
  start: number;
  size: number;
}

/** The member with the files. Sources: deb(5); ar(5), 60 bytes before each member, which begins at an even offset. */
async function findData(file: string): Promise<Member> {
  const handle = await open(file);
  try {
    const read = async (start: number, length: number): Promise<string> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
      return buffer.toString('latin1', 0, bytesRead);
    };
    if ((await read(0, 8)) !== '!<arch>\n') throw unreadable(file, 'it is no archive of ar');
    for (let at = 8; ;) {
      const header = await read(at, 60);
      const [name, size] = [header.slice(0, 16).trim().replace(/\/$/, ''), Number(header.slice(48, 58))];
      if (!header.endsWith('`\n') || !Number.isSafeInteger(size)) throw unreadable(file, `expected a member with files at byte ${at}`);
      if (name in DECOMPRESS) return { name, start: at + 60, size };
      if (name.startsWith('data.tar')) throw unreadable(file, `its files are in ${name}, expected one of ${Object.keys(DECOMPRESS).join(', ')}`);
      at += 60 + size + (size % 2);
    }
  } finally {
    await handle.close();
  }
}

function unreadable(file: string, fault: string): BuildError {
  return new BuildError('DEB_UNREADABLE', `${file}: not a Debian package that can be unpacked: ${fault}`, { hint: 'Pin another version of the package.' });
}
