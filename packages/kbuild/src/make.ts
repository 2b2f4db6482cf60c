import { prepareCompiler } from '@container-os/compiler';
import { cacheDir, ifThere, run, SOURCE_DATE_EPOCH, type BuildContext } from '@container-os/core';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface MakeOptions {
  /** make arguments: variables and targets. */
  arguments: string[];
  /** Under which name the number of objects is remembered, as the target of the next run's progress, and how many a first run is told. */
  progress: string;
  objects: number;
  /** The option `compilerLauncher`: who compiles. */
  compilerLauncher?: string | undefined;
  /** gcc lists all that a unit reads (-MD; no .incbin anywhere): ccache need not preprocess what it has not compiled before. */
  isListed?: boolean;
  /** Called for a configured tree that is compiled through ccache. */
  helpCcache?: (tree: string, build: string, context: BuildContext) => Promise<CcacheHelp>;
}

/** What makes ccache find more objects of a tree. */
export interface CcacheHelp {
  /** For make's `CC`. */
  cc: string;
  /** Refuses a finished build that the help may have made stale. */
  check: () => Promise<void>;
}

/**
 * Builds in a kbuild tree with every core, and those of distcc's hosts: fixed date, user and host, no path of this machine in the
 * output, progress in objects (of the number that the last run had). Source: Linux
 * Documentation/kbuild/reproducible-builds.rst.
 */
export async function make(tree: string, build: string, options: MakeOptions, context: BuildContext): Promise<void> {
  const { log, logFile, signal } = context;
  const compiler = await prepareCompiler(options.compilerLauncher, context);
  const env = {
    KBUILD_BUILD_TIMESTAMP: `@${SOURCE_DATE_EPOCH}`,
    KBUILD_BUILD_USER: 'container-os',
    KBUILD_BUILD_HOST: 'container-os',
    KBUILD_BUILD_VERSION: '1',
    KCONFIG_NOTIMESTAMP: '1',
    ...compiler.env,
    ...(options.isListed ? { CCACHE_DEPEND: '1' } : {}),
  };
  const gcc = compiler.argv.join(' ');
  const command = ['make', `--directory=${tree}`, `--jobs=${compiler.jobs}`, `O=${build}`, `CC=${gcc}`, `HOSTCC=${gcc}`] as const;
  let help: CcacheHelp | undefined;
  if (options.helpCcache && compiler.argv[0] === 'ccache') {
    await run([...command, 'syncconfig'], { logFile, signal, env, capture: false });
    help = await options.helpCcache(tree, build, context);
  }
  const known = cacheDir('objects', options.progress);
  const progress = log.progress(options.progress, Number((await ifThere(readFile(known, 'utf8'))) ?? options.objects), 'objects');
  let objects = 0;
  // Of two CC, make takes the last.
  await run([...command, ...(help ? [`CC=${help.cc}`] : []), ...options.arguments], {
    logFile,
    signal,
    env,
    capture: false,
    onLine: (line) => void (/^\s+(?:HOST)?(?:CC|AS|AR|LD)\s/.test(line) && progress.update(++objects)),
  }).finally(() => progress.stop());
  await help?.check();
  await mkdir(dirname(known), { recursive: true });
  await writeFile(known, String(objects));
}
