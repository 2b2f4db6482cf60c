import { randomBytes } from 'node:crypto';
import { loadConfig } from '../config/config.ts';
import { programName } from '../config/program.ts';
import { UsageError } from '../errors.ts';
import { startRelay } from './listen.ts';
import { relayOptions, type RelayOptions } from './options.ts';
import { reportJson, reportText } from './report.ts';
import { relayedEnvironment, runCommand } from './run.ts';
import { summary } from './tally.ts';

/**
 * The command `relay [options] [-- command…]`. Runs until the command ends, or without a command until SIGTERM or SIGINT.
 *
 * @param argv - the arguments after `relay`
 * @returns the exit code of the command
 * @throws UsageError before the command starts, when an option is wrong
 * @example
 * process.exitCode = await relay(['--upstream', 'https://cache.example.org', '--', 'npx', 'nx', 'build'], process.env);
 */
export async function relay(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const dashes = argv.indexOf('--');
  const { settings, positionals } = loadConfig('relay', dashes < 0 ? argv : argv.slice(0, dashes), env);
  const [file, ...args] = dashes < 0 ? [] : argv.slice(dashes + 1);
  if (positionals.length > 0 || (dashes >= 0 && file === undefined)) {
    const problem = positionals[0] === undefined ? 'no command follows "--"' : `"${positionals[0]}" must follow "--"`;
    throw new UsageError('COMMAND_INVALID', problem, `For example: ${programName()} relay --upstream https://host -- npx nx run-many -t build`);
  }
  const options = relayOptions(settings, env);
  return file === undefined ? serveUntilStopped(options) : runBehindRelay(options, [file, ...args], env);
}

/** Uses a free port and a random token, so that two runs on one machine are separate. */
async function runBehindRelay(options: RelayOptions, command: [string, ...string[]], env: NodeJS.ProcessEnv): Promise<number> {
  const token = randomBytes(32).toString('base64url');
  const running = await startRelay(options, 0, token, reportText(options.logLevel));
  try {
    return await runCommand(command, relayedEnvironment(env, running.address, token));
  } finally {
    await running.close(0);
    process.stderr.write(summary(running.tally));
  }
}

/** Nx presents the same token to the relay as it would to upstream. */
async function serveUntilStopped(options: RelayOptions): Promise<number> {
  const report = reportJson(options.logLevel);
  const running = await startRelay(options, options.port, options.upstream.token, report);
  report({ level: 'info', event: 'listening', message: `the relay of ${options.upstream.address.origin} listens on ${running.address}` });
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.close(options.gracePeriod);
  process.stderr.write(summary(running.tally));
  return 0;
}
