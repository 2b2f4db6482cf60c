import { BuildError, columns } from '@container-os/core/portable';
import { parseArgs } from '@pkgjs/parseargs';
import type { Command, Option, Parsed } from './command.ts';
import { ALIASES, COMMANDS } from './commands.ts';
import { CommandError, USAGE, type System } from './system.ts';

const HELP = { help: { type: 'boolean', short: 'h', description: 'show this help' } } as const;

/** Runs `cosctl` with these arguments; returns its exit code. */
export function cosctl(argv: readonly string[], system: System): number {
  const [typed = 'help', ...rest] = argv;
  const name = ALIASES[typed] ?? typed;
  try {
    if (['help', '--help', '-h'].includes(name)) {
      system.print(rest[0] === undefined ? help() : commandHelp(rest[0]));
      return 0;
    }
    const command = requireCommand(name);
    const parsed = parse(name, command, rest);
    if (parsed.values['help']) system.print(commandHelp(name));
    return parsed.values['help'] ? 0 : command.run(parsed, system);
  } catch (error) {
    // The functions of oci-bundle throw BuildError.
    if (!(error instanceof CommandError || error instanceof BuildError)) throw error;
    system.complain(`cosctl: ${error.message}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

function requireCommand(name: string): Command {
  const command = COMMANDS[name];
  if (command) return command;
  throw new CommandError(`unknown command: ${name} (expected one of ${Object.keys(COMMANDS).join(', ')})`, USAGE);
}

function parse(name: string, command: Command, args: readonly string[]): Parsed {
  // All that follows a program's name belongs to the program, options too.
  const own = command.rest ? ownArguments(command, args) : args.length;
  try {
    const { values, positionals } = parseArgs({ args: args.slice(0, own), options: { ...command.options, ...HELP }, allowPositionals: true });
    const all = [...positionals, ...args.slice(own)];
    const [least, most] = command.positionals;
    if ((all.length < least || all.length > most) && !(values as Parsed['values'])['help']) throw new Error(`expected ${`${name} ${command.usage}`.trim()}`);
    return { values: values as Parsed['values'], positionals: all };
  } catch (cause) {
    throw new CommandError(`${name}: ${(cause as Error).message} (see cosctl help ${name})`, USAGE);
  }
}

/** How many of `args` come before and with the first positional. */
function ownArguments({ options }: Command, args: readonly string[]): number {
  // In combined short options, such as -itu, the last may take a value.
  const takesValue = (arg: string): boolean =>
    Object.entries(options).some(
      ([name, { type, short }]) => type === 'string' && (arg === `--${name}` || (/^-\w+$/.test(arg) && arg.indexOf(short ?? '-', 1) === arg.length - 1)),
    );
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('-')) return index + 1;
    if (takesValue(arg)) index++;
  }
  return args.length;
}

function help(): string {
  const lines = columns(Object.entries(COMMANDS).map(([name, { summary }]) => [`  ${name}`, summary])).map((line) => `${line}\n`);
  return `Usage: cosctl COMMAND [ARGUMENT...]

Lists and manages the containers of this OS.

${lines.join('')}
Exit status: 0 for success, 1 for a failure, 2 for wrong usage; exec has its own.
Run "cosctl help COMMAND" for details.
`;
}

function commandHelp(typed: string): string {
  const name = ALIASES[typed] ?? typed;
  const { usage, summary, details = '', options } = requireCommand(name);
  const rows = Object.entries<Option>({ ...options, ...HELP }).map(
    ([long, { type, short, description }]) => [`  ${short ? `-${short}, ` : '    '}--${long}${type === 'string' ? ' VALUE' : ''}`, description] as const,
  );
  const aliases = Object.keys(ALIASES).filter((alias) => ALIASES[alias] === name);
  return [
    `Usage: cosctl ${`${name} ${usage}`.trim()}\n\n${summary}\n`,
    ...(details ? [`${details}\n`] : []),
    columns(rows)
      .map((line) => `${line}\n`)
      .join(''),
    ...(aliases.length > 0 ? [`Also: ${aliases.map((alias) => `cosctl ${alias}`).join(', ')}\n`] : []),
  ].join('\n');
}
