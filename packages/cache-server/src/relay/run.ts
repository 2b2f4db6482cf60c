import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { UsageError } from '../errors.ts';

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a command in this terminal and forwards signals to it. Returns its exit code, or 128 plus the number of the signal that
 * ended it.
 *
 * @throws UsageError COMMAND_NOT_STARTED
 * @example
 * process.exitCode = await runCommand(['npx', 'nx', 'affected', '-t', 'iso'], env);
 */
export async function runCommand([file, ...args]: [string, ...string[]], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to the command as well. A second signal would make Nx stop at once.
    if (!(isOfTerminal(signal) && process.stdin.isTTY)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const hint = 'The command after "--" must be a program in PATH or a path.';
        reject(new UsageError('COMMAND_NOT_STARTED', `cannot start "${file}": ${error.code}`, hint, error));
      });
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

function isOfTerminal(signal: NodeJS.Signals): boolean {
  return signal === 'SIGINT' || signal === 'SIGQUIT';
}

/**
 * The environment of the command: its Nx asks the relay. The token for upstream is removed, because only the relay needs it.
 *
 * @example
 * relayedEnvironment(process.env, 'http://127.0.0.1:40001', token);
 */
export function relayedEnvironment(env: NodeJS.ProcessEnv, address: string, token: string): NodeJS.ProcessEnv {
  const { CACHE_SERVER_UPSTREAM_TOKEN: _, ...rest } = env;
  // Nx would ask a proxy for 127.0.0.1 as well.
  const direct = [rest['NO_PROXY'] ?? rest['no_proxy'], '127.0.0.1'].filter(Boolean).join(',');
  return { ...rest, NO_PROXY: direct, NX_SELF_HOSTED_REMOTE_CACHE_SERVER: address, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token };
}
