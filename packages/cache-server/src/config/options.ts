import { closestMatch } from 'leven';
import { readFileSync } from 'node:fs';

/** An option in config.schema.json. */
export interface Option {
  type: 'string' | 'integer' | 'boolean';
  description: string;
  commands: string[];
  default?: unknown;
  enum?: string[];
  format?: string;
}

/** The schema of all options. */
export const schema = JSON.parse(readFileSync(new URL('../config.schema.json', import.meta.url), 'utf8')) as { properties: Record<string, Option> };

/** The flag of an option: `max-size` for `maxSize`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]|(?<=[a-z])\d/g, (letter) => `-${letter.toLowerCase()}`).replace(/^s-3/, 's3');
}

/** The environment variable of an option: `CACHE_SERVER_MAX_SIZE` for `maxSize`. */
export function variableOf(name: string): string {
  return `CACHE_SERVER_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;
}

/** The options of a command, in the order of the schema. */
export function optionsOf(command: string): [string, Option][] {
  return Object.entries(schema.properties).filter(([, { commands }]) => commands.includes(command));
}

/** The known name with the least edit distance to `name`, or undefined when none is similar. */
export function nearest(name: string, known: string[]): string | undefined {
  return closestMatch(name, known, { maxDistance: Math.max(2, Math.floor(name.length / 3)) });
}
