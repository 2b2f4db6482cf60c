import { cacheDir, ifThere, run, SOURCE_DATE_EPOCH, type BuildContext } from '@container-os/core';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { prepareDistcc } from './distcc.ts';
import { chooseLauncher, compilerArguments, jobsFor, type Launcher } from './launcher.ts';
import { writeUnitSymbols, type UnitSymbols } from './unit-symbols.ts';

export interface MakeOptions {
  /** make arguments: variables and targets. */
  arguments: string[];
  /** Under which name the number of objects is remembered for the next run's progress bar. */
  progress: string;
  /** The option `compilerLauncher`: who compiles. */
  compilerLauncher?: string | undefined;
  /** A Linux tree, whose units ccache finds by the symbols that they name: see {@link writeUnitSymbols}. */
  unitSymbols?: boolean;
}

/** The launcher of this host for `option`; see {@link chooseLauncher}. */
export function hostLauncher(option?: string): Launcher {
  const hasCcache = (process.env['PATH'] ?? '').split(delimiter).some((directory) => isExecutable(join(directory, 'ccache')));
  const environment = process.env['CONTAINER_OS_COMPILER_LAUNCHER'];
  return chooseLauncher({ ...(option === undefined ? {} : { option }), ...(environment === undefined ? {} : { environment }), hasCcache });
}

/**
 * Builds in a kbuild tree with every core, and those of distcc's hosts: fixed date, user and host, no path of this machine in the
 * output, progress in objects (of the number that the last run had). Source: Linux
 * Documentation/kbuild/reproducible-builds.rst.
 */
export async function make(tree: string, build: string, options: MakeOptions, context: BuildContext): Promise<void> {
  const { log, logFile, signal, scratch } = context;
  const launcher = hostLauncher(options.compilerLauncher);
  const distcc = launcher.remote ? await prepareDistcc(context) : undefined;
  const jobs = jobsFor(availableParallelism(), distcc?.slots ?? 0);
  if (distcc) log.info(`distcc: ${jobs} jobs on ${distcc.hosts}`);
  const env = {
    KBUILD_BUILD_TIMESTAMP: `@${SOURCE_DATE_EPOCH}`,
    KBUILD_BUILD_USER: 'container-os',
    KBUILD_BUILD_HOST: 'container-os',
    KBUILD_BUILD_VERSION: '1',
    KCONFIG_NOTIMESTAMP: '1',
    CCACHE_BASEDIR: dirname(scratch),
    CCACHE_NOHASHDIR: '1',
    CCACHE_COMPILERCHECK: 'content',
    ...launcher.env,
    ...(distcc ? { DISTCC_HOSTS: distcc.hosts } : {}),
  };
  const command = ['make', `--directory=${tree}`, `--jobs=${jobs}`, `O=${build}`, ...compilerArguments(launcher)] as const;
  let unitSymbols: UnitSymbols | undefined;
  if (options.unitSymbols && launcher.prefix === 'ccache ') {
    await run([...command, 'syncconfig'], { logFile, signal, env, capture: false });
    unitSymbols = await writeUnitSymbols(tree, build, context);
  }
  const known = cacheDir('objects', options.progress);
  const progress = log.progress(options.progress, Number((await ifThere(readFile(known, 'utf8'))) ?? '0'), 'objects');
  let objects = 0;
  // Of two CC, make takes the last.
  await run([...command, ...(unitSymbols ? [`CC=${unitSymbols.cc}`] : []), ...options.arguments], {
    logFile,
    signal,
    env,
    capture: false,
    onLine: (line) => void (/^\s+(?:HOST)?(?:CC|AS|AR|LD)\s/.test(line) && progress.update(++objects)),
  }).finally(() => progress.stop());
  await unitSymbols?.check();
  await mkdir(dirname(known), { recursive: true });
  await writeFile(known, String(objects));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
