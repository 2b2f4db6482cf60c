import { randomBytes } from 'node:crypto';
import { loadConfig } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { startRelay } from './listen.ts';
import { relayOptions, type RelayOptions } from './options.ts';
import { reportJson, reportText } from './report.ts';
import { relayedEnvironment, runCommand } from './run.ts';
import { summary } from './tally.ts';

/**
 * The command `cache-server relay [options] [-- command…]`: until the command ends, or without one until SIGTERM.
 *
 * @param argv - what follows `relay`
 * @returns the exit code: that of the command
 * @throws UsageError for bad options, before the command starts
 * @example
 * process.exitCode = await relay(['--upstream', 'https://cache.example.org', '--', 'npx', 'nx', 'build'], process.env);
 */
export async function relay(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const dashes = argv.indexOf('--');
  const { settings, positionals } = loadConfig('relay', dashes < 0 ? argv : argv.slice(0, dashes), env);
  const [file, ...args] = dashes < 0 ? [] : argv.slice(dashes + 1);
  if (positionals.length > 0 || (dashes >= 0 && file === undefined)) throw new UsageError('COMMAND_INVALID', `relay takes a command after "--" only${positionals[0] === undefined ? '' : `, not "${positionals[0]}"`}`, 'cache-server relay --upstream https://host -- npx nx build');
  const options = relayOptions(settings, env);
  return file === undefined ? serveUntilStopped(options) : runBehindRelay(options, [file, ...args], env);
}

/** A free port and a token of its own: two runs on one machine do not meet. */
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

/** nx presents the token of upstream, as it would to upstream itself. */
async function serveUntilStopped(options: RelayOptions): Promise<number> {
  const report = reportJson(options.logLevel);
  const running = await startRelay(options, options.port, options.upstream.token, report);
  report({ level: 'info', event: 'listening', message: `relay of ${options.upstream.address.origin} listens on ${running.address}` });
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.close(options.gracePeriod);
  process.stderr.write(summary(running.tally));
  return 0;
}
