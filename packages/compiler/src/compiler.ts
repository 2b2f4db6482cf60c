import type { BuildContext } from '@container-os/core';
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { prepareDistcc } from './distcc.ts';
import { chooseLauncher, jobsFor, type Launcher } from './launcher.ts';

/** How a target compiles on this machine. */
export interface Compiler {
  /** gcc with its launcher before it: `['ccache', 'gcc']`. */
  argv: [string, ...string[]];
  /** For the environment of what calls it. */
  env: Record<string, string>;
  /** How many to start at once. */
  jobs: number;
}

/**
 * The compiler of this machine, through the launcher that `option` or the environment names, else through ccache where there is one.
 * Whatever it is, the objects are the same (docs/decisions/0008).
 *
 * @example
 * const { argv, env, jobs } = await prepareCompiler(undefined, context);
 * await run(['make', `CC=${argv.join(' ')}`, `--jobs=${jobs}`], { env });
 */
export async function prepareCompiler(option: string | undefined, context: BuildContext): Promise<Compiler> {
  const launcher = hostLauncher(option);
  const distcc = launcher.remote ? await prepareDistcc(context) : undefined;
  const jobs = jobsFor(availableParallelism(), distcc?.slots ?? 0);
  if (distcc) context.log.info(`distcc: ${jobs} jobs on ${distcc.hosts}`);
  return {
    argv: launcher.program === undefined ? ['gcc'] : [launcher.program, 'gcc'],
    env: {
      // Another run has another scratch directory, and finds the same objects: ccache makes paths below it relative. So sources there must be
      // named by relative paths already, or __FILE__ would tell who compiled.
      CCACHE_BASEDIR: dirname(context.scratch),
      CCACHE_NOHASHDIR: '1',
      CCACHE_COMPILERCHECK: 'content',
      ...launcher.env,
      ...(distcc ? { DISTCC_HOSTS: distcc.hosts } : {}),
    },
    jobs,
  };
}

function hostLauncher(option: string | undefined): Launcher {
  const hasCcache = (process.env['PATH'] ?? '').split(delimiter).some((directory) => isExecutable(join(directory, 'ccache')));
  const environment = process.env['CONTAINER_OS_COMPILER_LAUNCHER'];
  return chooseLauncher({ ...(option === undefined ? {} : { option }), ...(environment === undefined ? {} : { environment }), hasCcache });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
