import type { System } from './system.ts';

export interface Option {
  type: 'boolean' | 'string';
  short?: string;
  /** For the help. */
  description: string;
}

/** What the command line said: the values of options, and the rest in order. */
export interface Parsed {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

export interface Command {
  /** After the command's name: `NAME [COMMAND...]`. */
  usage: string;
  summary: string;
  options: Record<string, Option>;
  /** How many positionals there must be; what follows them too is taken when `rest` is set, options and all. */
  positionals: number;
  rest?: boolean;
  /** Returns the exit code. */
  run(parsed: Parsed, system: System): number;
}

export const JSON_OPTION: Record<string, Option> = { json: { type: 'boolean', description: 'print JSON' } };
