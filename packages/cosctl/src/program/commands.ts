import type { Command } from './command.ts';
import { exec } from './commands/exec.ts';
import { inspect } from './commands/inspect.ts';
import { list } from './commands/list.ts';
import { logs } from './commands/logs.ts';
import { restart, start, stop } from './commands/start-stop.ts';
import { version } from './commands/version.ts';

/** In the order of the help. */
export const COMMANDS: Record<string, Command> = { list, inspect, start, stop, restart, exec, logs, version };
