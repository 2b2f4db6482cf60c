import { posix } from 'node:path';
import { BuildError } from '@container-os/core';
import type { Definition } from './definition.ts';
import { executableOf } from './executable.ts';
import { INIT, type OciConfig } from './oci-config.ts';
import { RootView, type Root } from './root-view.ts';
import type { Mount } from './storage.ts';

/** As in Linux: a script's interpreter may be a script, and so on, so many times; then ELOOP. */
const SCRIPTS_MAX = 5;
const ADD = 'Add the program to the root file system of the container, or correct "command".';

interface Fault {
  why: string;
  hint: string;
  /** Who has found the program all the same, and looks no further on PATH: the runtime, or an init too. */
  found?: 'by runtime' | 'by init';
}

/**
 * Refuses, with `CONTAINER_COMMAND_MISSING`, a container whose program, or the program of whose health check, the kernel is sure not to
 * start: no executable file of `rootfs` for its user, a script or an ELF program whose interpreter is none, or of no format that Linux on
 * x86-64 runs. With an init, the program is what follows `--`. What a mount brings is not seen here and passes.
 */
export function requireProgram(container: string, rootfs: Root, config: OciConfig, healthcheck?: Definition['healthcheck']): void {
  const view = new RootView(rootfs, config);
  const { args } = config.process;
  const init = args[0] === INIT;
  requireStart(`container "${container}" runs`, (init ? args[2] : args[0]) ?? '', view, config, init);
  const [kind, ...words] = healthcheck?.test ?? [];
  if (kind !== undefined) requireStart(`container "${container}" checks its health by`, kind === 'CMD' ? (words[0] ?? '') : '/bin/sh', view, config, false);
}

function requireStart(what: string, command: string, view: RootView, config: OciConfig, init: boolean): void {
  const faults: Fault[] = [];
  for (const path of candidates(command, config)) {
    const fault = startFault(view, config, path);
    if (!fault) return;
    const found = fault.found === 'by init' || (fault.found === 'by runtime' && !init);
    if (found) faults.length = 0;
    faults.push(fault);
    if (found) break;
  }
  const whys = [...new Set(faults.map(({ why }) => why))].join('; ');
  throw new BuildError('CONTAINER_COMMAND_MISSING', `${what} ${JSON.stringify(command)}: ${whys || 'PATH is empty'}`, { hint: faults.at(-1)?.hint ?? ADD });
}

/** Where execvp looks: of several PATH the last one counts, and an empty directory on it is the working directory. */
function candidates(command: string, { process: { cwd, env = [] } }: OciConfig): string[] {
  if (command.includes('/')) return [posix.isAbsolute(command) ? command : `${cwd}/${command}`];
  const path = env.findLast((one) => one.startsWith('PATH='))?.slice('PATH='.length);
  return command && path ? path.split(':').map((directory) => `${posix.isAbsolute(directory) ? directory : `${cwd}/${directory}`}/${command}`) : [];
}

/** Why the kernel would not execute `path`. */
function startFault(view: RootView, config: OciConfig, path: string, scripts = 0): Fault | undefined {
  const found = view.find(path);
  if ('fault' in found) return { why: found.fault, hint: ADD };
  if ('mount' in found) return view.isEmpty(found.mount) ? { why: hidden(path, found.mount), hint: ADD } : noexecFault(path, found.mount);
  const { entry } = found;
  if (entry.type !== 'file') return { why: `${path} is a ${entry.type}`, hint: ADD };
  const denied = view.executeFault(path, entry);
  if (denied !== undefined) return { why: denied, hint: 'Make it executable: chmod +x, or in git: git update-index --chmod=+x. Or correct "user".' };
  const format = executableOf(view.contentOf(entry));
  const fault = (why: string, hint: string, found: Fault['found'] = 'by runtime'): Fault => ({ why: `${path} ${why}`, hint, found });
  if (format.kind === 'refused') return fault(format.why, format.hint, 'by init');
  if (format.kind === 'i386' && config.linux?.seccomp?.architectures?.includes('SCMP_ARCH_X86') === false)
    return fault('is an ELF program for 32-bit x86, expected x86-64: seccomp allows no other', 'Take the program for x86-64.', 'by init');
  if (format.kind === 'i386') return undefined;
  const needed = format.kind === 'script' ? format.interpreter : format.loader;
  if (needed === undefined) return undefined;
  if (format.kind === 'script' && scripts === SCRIPTS_MAX)
    return fault(`is a script behind ${SCRIPTS_MAX} others, expected at most ${SCRIPTS_MAX} in a row`, 'Name the program itself in the "#!" line.');
  const from = posix.isAbsolute(needed) ? needed : `${config.process.cwd}/${needed}`;
  return format.kind === 'script' ? scriptFault(needed, from) : loaderFault(needed, from);

  function scriptFault(interpreter: string, at: string): Fault | undefined {
    if (interpreter.endsWith('\r'))
      return fault(`has CR LF at the end of its "#!" line, expected LF: its interpreter is ${JSON.stringify(interpreter)}`, 'Save it with LF line ends.');
    const inner = startFault(view, config, at, scripts + 1);
    return (
      inner &&
      fault(`is a script for ${interpreter}: ${inner.why}`, inner.hint === ADD ? 'Add the interpreter to the root file system of the container.' : inner.hint)
    );
  }

  function loaderFault(loader: string, at: string): Fault | undefined {
    const hint = 'Add the loader and the libraries that the program needs to the root file system of the container, or link the program statically.';
    const there = view.find(at);
    if ('fault' in there) return fault(`is linked to the loader ${loader}: ${there.fault}`, hint);
    if ('mount' in there) return view.isEmpty(there.mount) ? fault(`is linked to a loader, and ${hidden(loader, there.mount)}`, hint) : undefined;
    const why = there.entry.type === 'file' ? view.executeFault(loader, there.entry) : `${loader} is a ${there.entry.type}`;
    if (why !== undefined) return fault(`is linked to the loader ${loader}: ${why}`, hint);
    const kind = there.entry.type === 'file' ? executableOf(view.contentOf(there.entry)) : undefined;
    return kind?.kind === 'elf' ? undefined : fault(`is linked to the loader ${loader}, which is no ELF program for x86-64`, hint);
  }
}

function hidden(path: string, { destination, type }: Mount): string {
  return `${path} is hidden by the ${type} on ${destination}`;
}

/** A mount's last word on programs counts. */
function noexecFault(path: string, { destination, options = [] }: Mount): Fault | undefined {
  if (options.findLast((one) => one === 'exec' || one === 'noexec') !== 'noexec' || destination === '/proc') return undefined;
  return { why: `${path} lies on ${destination}, which is mounted noexec`, hint: 'Add "exec" to the volume, or run a program of the rootfs.' };
}
