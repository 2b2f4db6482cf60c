import { BuildError } from './errors.ts';
import type { HostTools, Recipe } from './hash/recipe.ts';

/** What makes programs for the machine on which it runs. */
const COMPILERS = ['gcc', 'musl-gcc', 'x86_64-linux-gnu-gcc'];

/** Whether targets of this project can run on this machine at all. Elsewhere their graph is complete, and each of them refuses. */
export function isBuildHost(): boolean {
  return process.platform === 'linux';
}

/**
 * Passes on Linux.
 *
 * @param id of the task
 * @throws BuildError HOST_UNSUPPORTED
 */
export function requireBuildHost(id: string): void {
  if (isBuildHost()) return;
  throw new BuildError('HOST_UNSUPPORTED', `${id}: this host is ${process.platform} ${process.arch}, expected linux`, {
    hint: 'Run it on Linux: in a container, a virtual machine, or on Windows in WSL 2. Here, nx graph, nx affected and the targets of other projects work.',
  });
}

/**
 * Passes where the programs of the OS run on this machine, or the target neither compiles nor starts any.
 *
 * @throws BuildError HOST_UNSUPPORTED
 */
export function requireMachine(id: string, { machine }: Recipe, { tools = [] }: HostTools): void {
  const compiler = tools.find((name) => COMPILERS.includes(name));
  if (process.arch === 'x64' || (machine === undefined && compiler === undefined)) return;
  const why = compiler === undefined ? 'it starts programs of the OS' : `its compiler, ${compiler}, makes programs for the machine on which it runs`;
  throw new BuildError('HOST_UNSUPPORTED', `${id}: this host is ${process.platform} ${process.arch}, expected linux x64: ${why}`, {
    hint: 'Take the artifacts prebuilt (x-os: { sources: prebuilt }), which are the same bytes, or run it on Linux x64.',
  });
}
