import { execFileSync } from 'node:child_process';
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
  owners ??= new Map(
    readdirSync('/var/lib/dpkg/info')
      .filter((name) => name.endsWith('.list'))
      .flatMap((name) =>
        readFileSync(join('/var/lib/dpkg/info', name), 'utf8')
          .split('\n')
          .map((path): [string, string] => [path, name.replace(/(:\w+)?\.list$/, '')]),
      ),
  );
  // Of /lib and /usr/lib, which are one directory, packages name either.
  const [real, usr] = [realOf(file), file.replace(/^\/(lib|bin|sbin)/, '/usr/$1')];
  for (const path of [file, real, usr]) {
    const owner = owners.get(path) ?? owners.get(path.replace(/^\/usr/, ''));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

let libraries: Set<string> | undefined;

/** What binutils' plugins load. */
export function pluginLibraries(): Set<string> {
  const directories = ['/usr/lib/bfd-plugins', '/usr/lib/x86_64-linux-gnu/bfd-plugins'].filter((directory) => existsSync(directory));
  libraries ??= new Set(
    directories.flatMap((directory) =>
      readdirSync(directory).flatMap((name) => {
        const listed = execFileSync('/lib64/ld-linux-x86-64.so.2', ['--list', join(directory, name)], { encoding: 'utf8' });
        return [...listed.matchAll(/=> (\/\S+)/g)].map(([, path = '']) => realOf(path));
      }),
    ),
  );
  return libraries;
}
