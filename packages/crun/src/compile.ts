import { prepareCompiler } from '@container-os/compiler';
import { run, type BuildContext } from '@container-os/core';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { drainTerminal } from './terminal.ts';

/** Source trees; they are only read. */
export interface CrunTrees {
  crun: string;
  libseccomp: string;
  libcap: string;
}

/** Disables features of crun: a service manager, checkpoints, and plugins, which a static program could not load. */
const CONFIGURE = ['--quiet', '--disable-shared', '--enable-static', '--disable-systemd', '--disable-criu', '--disable-dl', '--enable-embedded-yajl'];

/**
 * Compiles libseccomp, libcap and crun with this host's gcc and glibc to one static program below `scratch`, and
 * returns its path. The program does not contain that path, and needs no library of the host.
 */
export async function compileCrun(trees: CrunTrees, context: BuildContext): Promise<string> {
  const { scratch, logFile, signal } = context;
  const options = { logFile, signal };
  const compiler = await prepareCompiler(undefined, context);
  const [include, lib] = [join(scratch, 'include'), join(scratch, 'lib')];
  await mkdir(join(include, 'sys'), { recursive: true });
  await mkdir(lib);
  const copy = async (name: keyof CrunTrees): Promise<string> => {
    // Keep dates: make would rebuild files that seem older than their sources.
    await run(['cp', '--archive', trees[name], join(scratch, name)], options);
    return join(scratch, name);
  };
  const flags = ['-Os', '-ffunction-sections', '-fdata-sections', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', `-ffile-prefix-map=${scratch}=`];
  // libtool and automake have gcc list what a unit includes: ccache need not preprocess what it has not compiled before.
  const env = { ...compiler.env, CCACHE_DEPEND: '1', CC: compiler.argv.join(' '), CFLAGS: flags.join(' '), CPPFLAGS: `-I${include}` };
  const make = (cwd: string, ...argv: string[]): Promise<unknown> => run(['make', `--jobs=${compiler.jobs}`, ...argv], { ...options, cwd, env });

  const libseccomp = await copy('libseccomp');
  await run(['./configure', '--quiet', '--disable-shared', '--enable-static'], { ...options, cwd: libseccomp, env });
  await make(join(libseccomp, 'src'), 'libseccomp.la');
  await copyFile(join(libseccomp, 'src/.libs/libseccomp.a'), join(lib, 'libseccomp.a'));
  for (const header of ['seccomp.h', 'seccomp-syscalls.h']) await copyFile(join(libseccomp, 'include', header), join(include, header));

  const libcap = join(await copy('libcap'), 'libcap');
  // Its makefile sets CC itself.
  await make(libcap, `CC=${env.CC}`, `COPTS=${env.CFLAGS}`, 'libcap.a');
  await copyFile(join(libcap, 'libcap.a'), join(lib, 'libcap.a'));
  await copyFile(join(libcap, 'include/sys/capability.h'), join(include, 'sys/capability.h'));

  const crun = await copy('crun');
  await drainTerminal(crun);
  await run(['./configure', ...CONFIGURE, 'PYTHON=/usr/bin/python3'], { ...options, cwd: crun, env: { ...env, LDFLAGS: `-L${lib}` } });
  await make(crun, 'git-version.h');
  await make(join(crun, 'libocispec'));
  // libtool's -all-static: its -static would link glibc dynamically.
  await make(crun, 'crun', `LDFLAGS=-L${lib} -all-static -s -Wl,--gc-sections -Wl,--build-id=none`);
  return join(crun, 'crun');
}
