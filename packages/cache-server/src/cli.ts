import { readFileSync } from 'node:fs';
import { loadConfig } from './config/config.ts';
import { COMMANDS, helpText } from './config/help.ts';
import { nearest } from './config/options.ts';
import { UsageError } from './errors.ts';

type Command = (settings: ReturnType<typeof loadConfig>['settings'], positionals: string[]) => Promise<number>;

/** Imports a command when it runs, so that `--help` does not wait for the AWS SDK. */
const RUN: Record<string, () => Promise<Command>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  stats: async () => (await import('./commands/keep-house.ts')).printStats,
  verify: async () => (await import('./commands/keep-house.ts')).printVerify,
  delete: async () => (await import('./commands/delete.ts')).deleteHashes,
  gc: async () => (await import('./commands/keep-house.ts')).printSweep,
  token: async () => (await import('./commands/token.ts')).token,
};

/**
 * Runs a command line and resolves to its exit code. `serve` ends on SIGTERM or SIGINT.
 *
 * @throws UsageError
 * @example
 * process.exitCode = await main(['stats', '--directory', 'cache'], process.env);
 */
export async function main(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [first, ...rest] = argv;
  const command = first === undefined || first.startsWith('-') ? 'serve' : first;
  const options = command === first ? rest : argv;
  if (command === 'relay') {
    // The command after "--" runs behind the relay and has a --help of its own.
    if (beforeDashes(options).includes('--help')) return print(helpText(command));
    return (await import('./relay/command.ts')).relay(options, env);
  }
  const run = RUN[command];
  if (command === 'help' || (options.includes('--help') && command !== first)) return print(helpText());
  if (!run) throw unknownCommand(command);
  if (options.includes('--help')) return print(helpText(command));
  if (options.includes('--version')) return print(`${version()}\n`);
  const { settings, positionals } = loadConfig(command, options, env);
  return (await run())(settings, positionals);
}

function beforeDashes(argv: string[]): string[] {
  return argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
}

function unknownCommand(command: string): UsageError {
  const commands = Object.keys(COMMANDS);
  const like = nearest(command, commands);
  return new UsageError('COMMAND_UNKNOWN', `there is no command "${command}"`, like ? `Did you mean ${like}?` : `Commands: ${commands.join(', ')}.`);
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
