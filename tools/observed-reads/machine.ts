import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the links of `path` lead. */
export function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const known = new Map<string, string>();
/** Of a file's content; '' when it is not there. */
export function sha256(file: string): string {
  const found = known.get(file);
  if (found !== undefined) return found;
  const digest = existsSync(file) && statSync(file).isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
  known.set(file, digest);
  return digest;
}

let owners: Map<string, string> | undefined;
/** The Debian package that has a file. */
export function packageOf(file: string): string | undefined {
  owners ??= new Map(readdirSync('/var/lib/dpkg/info').filter((name) => name.endsWith('.list')).flatMap((name) =>
    readFileSync(join('/var/lib/dpkg/info', name), 'utf8').split('\n').map((path): [string, string] => [path, name.replace(/(:\w+)?\.list$/, '')])));
  // Debian's packages of before the merged /usr have files in /lib and /bin.
  return owners.get(file) ?? owners.get(file.replace(/^\/usr/, ''));
}
