import { PassThrough } from 'node:stream';
import { run, type RunOptions } from './run.ts';

type Argv = Parameters<typeof run>[0];

/**
 * Runs `from` and `to` at the same time, the standard output of `from` being the standard input of `to`: memory does not
 * grow with what passes. When one fails, the other one is ended.
 *
 * @throws BuildError those of {@link run}, of the one that failed first.
 *
 * @example
 * await pipe(['bsdtar', '-cf', '-', '@-'], ['mksquashfs', '-', output, '-tar'], { input: createReadStream(cpio) });
 */
export async function pipe(
  from: Argv,
  to: Argv,
  { input, signal, ...options }: Pick<RunOptions, 'cwd' | 'env' | 'input' | 'logFile' | 'signal'> = {},
): Promise<void> {
  const failed = new AbortController();
  const both = { ...options, signal: AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]) };
  const between = new PassThrough();
  const commands = [run(from, { ...both, ...(input === undefined ? {} : { input }), output: between }), run(to, { ...both, input: between, capture: false })];
  // abort() keeps its first reason: what the other one says, once it is ended, is no cause.
  await Promise.all(commands.map((command) => command.catch((error: unknown) => failed.abort(error))));
  failed.signal.throwIfAborted();
}
