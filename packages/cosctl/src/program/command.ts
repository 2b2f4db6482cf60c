import type { System } from './system.ts';

export interface Option {
  type: 'boolean' | 'string';
  short?: string;
  /** May be given more than once; its value is a list. */
  multiple?: boolean;
  /** For the help. */
  description: string;
}

/** A parsed command line: option values, and positionals in order. */
export interface Parsed {
  values: Record<string, string | boolean | string[] | undefined>;
  positionals: string[];
}

export interface Command {
  /** The arguments, as the help shows them: `NAME [COMMAND...]`. */
  usage: string;
  summary: string;
  /** More of the help, in lines. */
  details?: string;
  options: Record<string, Option>;
  /** How many positionals there may be. */
  positionals: readonly [least: number, most: number];
  /** Everything after the first positional is passed on as it is, options too. */
  rest?: boolean;
  /** Returns the exit code. */
  run(parsed: Parsed, system: System): number;
}

export const JSON_OPTION: Record<string, Option> = { json: { type: 'boolean', description: 'print JSON' } };
