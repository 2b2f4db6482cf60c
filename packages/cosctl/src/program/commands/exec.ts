import type { OciConfig } from '@container-os/oci-bundle/container';
import type { Command } from '../command.ts';
import { bundleOf, requireContainer } from '../containers.ts';
import { CommandError, type System } from '../system.ts';

/** Of cosctl itself, as docker's: it could not run anything; what there is cannot be run; there is no such program. */
const FAILED = 125;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
/** What the OCI runtime exits with when it could not run the program, and a program may too; then it has logged nothing. */
const RUNTIME_FAILED = 255;
/** What runc and crun log then. */
const FAULT = /exec failed|executable file|is not a regular file|permission denied/i;

export const exec: Command = {
  usage: '[OPTIONS] NAME COMMAND [ARGUMENT...]',
  summary: 'run a program in a container',
  details:
    'Exits as the program does; 125: the container does not run; 126: the program cannot be run; 127: there is none.\nAt a terminal, -it is the default.',
  options: {
    interactive: { type: 'boolean', short: 'i', description: 'give it standard input' },
    tty: { type: 'boolean', short: 't', description: 'give it a terminal' },
    user: { type: 'string', short: 'u', description: 'numbers of user and group, UID[:GID]; default: those of the container' },
    env: { type: 'string', short: 'e', multiple: true, description: 'KEY=TEXT: set a variable; as often as needed' },
    workdir: { type: 'string', short: 'w', description: 'the directory it starts in; default: that of the container' },
  },
  positionals: [2, Infinity],
  rest: true,
  run({ values, positionals: [name = '', ...command] }, system) {
    requireRunning(name, () => requireContainer(system, name).status);
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

/** The container's variables and those `added`: runc adds them itself, crun has only what it is given, if anything. */
function environment(added: string[], name: string, system: System): string[] {
  if (added.length === 0) return [];
  const config = JSON.parse(system.read(`${bundleOf(system, name)}/config.json`) ?? '{}') as Partial<OciConfig>;
  return [...(config.process?.env ?? []), ...added];
}

/** Error with exit code 125. */
function requireRunning(name: string, status: () => string): void {
  let found: string;
  try {
    found = status();
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(error.message, FAILED) : error;
  }
  if (found !== 'running') throw new CommandError(`${name} is not running: it is ${found}`, FAILED);
}

function exitCode(fault: string): number {
  return /executable file not found|no such file or directory/i.test(fault) ? NOT_FOUND : NOT_EXECUTABLE;
}
