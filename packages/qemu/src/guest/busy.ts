import { spawn } from 'node:child_process';

/**
 * Runs `work` beside `count` processes that never pause, as on a machine with other things to do, and ends them. They do not outlive
 * this process, however it ends.
 *
 * @example
 * const verdict = await beside(8, () => boot(argvOf, context));
 */
export async function beside<T>(count: number, work: () => Promise<T>): Promise<T> {
  const loop = 'const parent = process.ppid; while (process.ppid === parent);';
  const processes = Array.from({ length: count }, () => spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }));
  try {
    return await work();
  } finally {
    for (const one of processes) one.kill('SIGKILL');
  }
}
