import type { OciConfig } from '@container-os/oci-bundle/container';
import type { Command } from '../command.ts';
import { bundleOf, requireContainer, type Container } from '../containers.ts';
import { CommandError, type System } from '../system.ts';

/** cosctl's own exit codes, as docker's: no container to run in; the file cannot be executed; no such program. */
const FAILED = 125;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
/** The OCI runtime's exit code if it could not run the program. A program may exit with it too; then the runtime has logged nothing. */
const RUNTIME_FAILED = 255;
/** What runc and crun log if they could not run the program. */
const FAULT = /exec failed|executable file|is not a regular file|permission denied/i;

export const exec: Command = {
  usage: '[OPTIONS] NAME COMMAND [ARGUMENT...]',
  summary: 'run a program in a container',
  details:
    "Exits with the program's exit code; 125: the container is not running; 126: the program cannot be executed;\n" +
    '127: no such program. At a terminal, -it is the default.',
  options: {
    interactive: { type: 'boolean', short: 'i', description: 'pass standard input to the program' },
    tty: { type: 'boolean', short: 't', description: 'give the program a terminal' },
    user: { type: 'string', short: 'u', description: 'numeric user and group, UID[:GID] (default: those of the container)' },
    env: { type: 'string', short: 'e', multiple: true, description: 'set an environment variable, KEY=TEXT; may be repeated' },
    workdir: { type: 'string', short: 'w', description: 'working directory (default: that of the container)' },
  },
  positionals: [2, Infinity],
  rest: true,
  run({ values, positionals: [typed = '', ...command] }, system) {
    const name = requireRunning(() => requireContainer(system, typed));
    const atTerminal = system.isTerminal();
    const options = [
      ...(values['tty'] || atTerminal ? ['--tty'] : []),
      ...(typeof values['user'] === 'string' ? ['--user', values['user']] : []),
      ...environment([values['env'] ?? []].flat().map(String), name, system).flatMap((one) => ['--env', one]),
      ...(typeof values['workdir'] === 'string' ? ['--cwd', values['workdir']] : []),
    ];
    const log = `/run/container-os/exec.${system.pid}.log`;
    const code = system.execute(['oci-runtime', '--log', log, 'exec', ...options, name, ...command], {
      noInput: !values['interactive'] && !values['tty'] && !atTerminal,
    });
    const fault = system.read(log) ?? '';
    system.remove(log);
    return code === RUNTIME_FAILED && FAULT.test(fault) ? exitCode(fault) : code;
  },
};

/** The container's variables and those `added`: runc adds the container's itself, crun uses only what it is given. */
function environment(added: string[], name: string, system: System): string[] {
  if (added.length === 0) return [];
  const config = JSON.parse(system.read(`${bundleOf(system, name)}/config.json`) ?? '{}') as Partial<OciConfig>;
  return [...(config.process?.env ?? []), ...added];
}

/** The name of the container. Errors have exit code 125. */
function requireRunning(find: () => Container): string {
  let found: Container;
  try {
    found = find();
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(error.message, FAILED) : error;
  }
  const { name, status } = found;
  if (status !== 'running') throw new CommandError(`${name} is not running; its status is ${status}`, FAILED);
  return name;
}

function exitCode(fault: string): number {
  return /executable file not found|no such file or directory/i.test(fault) ? NOT_FOUND : NOT_EXECUTABLE;
}
