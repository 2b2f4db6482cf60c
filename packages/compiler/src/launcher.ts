import { BuildError } from '@container-os/core';
import { isAbsolute } from 'node:path';

/** Who compiles. It must never decide what is compiled. */
export interface Launcher {
  /** Stands before the compiler: `ccache gcc`. */
  program?: string;
  /** What the launcher needs in the environment. */
  env: Record<string, string>;
  /** Objects are compiled on other machines, by compilers that must be shown to be the same. */
  remote: boolean;
}

/** Launchers that do not change an object, by the value of `compilerLauncher`. */
const KNOWN: Record<string, Launcher> = {
  none: { env: {}, remote: false },
  ccache: { program: 'ccache', env: {}, remote: false },
  distcc: { program: 'distcc', env: {}, remote: true },
  // ccache takes a second launcher by this variable; in CC it would take distcc for the compiler.
  'ccache distcc': { program: 'ccache', env: { CCACHE_PREFIX: 'distcc' }, remote: true },
};

/**
 * The launcher of an option, else of the environment (CONTAINER_OS_COMPILER_LAUNCHER), else ccache where the host
 * has it. An absolute path may stand in the option only: there it is part of the target's hash, and nobody knows
 * what such a program does to an object.
 *
 * @throws BuildError COMPILER_LAUNCHER_UNKNOWN
 * @example
 * chooseLauncher({ option: 'ccache distcc', hasCcache: true }).env; // { CCACHE_PREFIX: 'distcc' }
 */
export function chooseLauncher({ option, environment, hasCcache }: { option?: string; environment?: string; hasCcache: boolean }): Launcher {
  if (option !== undefined && isAbsolute(option)) return { program: option, env: {}, remote: false };
  const name = option ?? (environment || (hasCcache ? 'ccache' : 'none'));
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known) return known;
  const where = option === undefined ? 'CONTAINER_OS_COMPILER_LAUNCHER' : 'compilerLauncher';
  throw new BuildError('COMPILER_LAUNCHER_UNKNOWN', `${where} is "${name}", expected one of ${Object.keys(KNOWN).join(', ')}`, {
    hint: 'To use another program, give its absolute path in the option compilerLauncher of the target.',
  });
}

/** Jobs at once: as many as the machines of distcc take, and never fewer than this machine has cores. */
export function jobsFor(cores: number, slots: number): number {
  return Math.max(cores, Number.isSafeInteger(slots) ? slots : 0);
}
