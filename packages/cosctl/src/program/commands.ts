import type { Command } from './command.ts';
import { create } from './commands/create.ts';
import { deleteCommand } from './commands/delete.ts';
import { events } from './commands/events.ts';
import { exec } from './commands/exec.ts';
import { inspect } from './commands/inspect.ts';
import { list } from './commands/list.ts';
import { logs } from './commands/logs.ts';
import { prune } from './commands/prune.ts';
import { restart, start, stop } from './commands/start-stop.ts';
import { stats } from './commands/stats.ts';
import { version } from './commands/version.ts';

/** In the order that the help shows them. */
export const COMMANDS: Record<string, Command> = {
  list,
  inspect,
  create,
  start,
  stop,
  restart,
  delete: deleteCommand,
  exec,
  logs,
  stats,
  events,
  prune,
  version,
};

/** Names from other tools. */
export const ALIASES: Record<string, string> = { ls: 'list', ps: 'list', rm: 'delete' };
