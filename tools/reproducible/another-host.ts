import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UTILITIES } from '@container-os/core';

/** How a command is run as on another machine. */
export interface Host {
  /** Before the command's own words. */
  prefix: string[];
  env: NodeJS.ProcessEnv;
  umask: number;
}

/** What some machines have, and what builds ask for when it is there. */
const EXTRA = ['rustc', 'bindgen', 'clang', 'llvm-ar', 'pkg-config', 'pahole', 'git', 'python3', 'cc', 'gawk', 'depmod', 'msgfmt', 'doxygen'];

/** BusyBox's own dialects, where no script may depend on GNU's; what it has no applet for stays the machine's. */
const BUSYBOX = '/usr/bin/busybox';

/**
 * A machine with other programs in PATH, before and after those of this one; BusyBox's utilities in place of GNU's; another HOME,
 * locale, time zone and umask; one processor. The tools that decide bytes are this machine's, since others would be another hash.
 * `directory` is for what it needs.
 */
export function anotherHost(directory: string, path: string): Host {
  const [before, after, userland, home] = ['before', 'after', 'userland', 'home'].map((name) => join(directory, name)) as [string, string, string, string];
  for (const one of [before, after, userland, home]) mkdirSync(one, { recursive: true });
  for (const one of [before, after]) for (const name of EXTRA) writeFileSync(join(one, name), `#!/bin/sh\necho '${name} 99.0'\nexit 0\n`, { mode: 0o755 });
  const applets = new Set(execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n'));
  for (const name of UTILITIES.filter((one) => applets.has(one))) symlinkSync(BUSYBOX, join(userland, name));
  for (const name of ['.mtoolsrc', '.xorrisorc', '.profile', '.bashrc', '.gitconfig']) writeFileSync(join(home, name), 'another host\n');
  return {
    prefix: ['taskset', '--cpu-list', '0'],
    env: {
      PATH: [before, userland, path, after].join(':'),
      HOME: home,
      LANG: 'de_DE.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
      TZ: 'Pacific/Auckland',
      CFLAGS: '-O0 -g',
      MAKEFLAGS: '-k',
      USER: 'somebody',
    },
    umask: 0o077,
  };
}
