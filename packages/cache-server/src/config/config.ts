import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Ajv, type ErrorObject } from 'ajv';
import type { Config } from '../config.schema.d.ts';
import type json from '../config.schema.json';
import { UsageError } from '../errors.ts';
import { isTokenName, TOKEN_NAME_RULE } from '../access/tokens.ts';
import { isNamespace, NAMESPACE_RULE } from '../protocol.ts';
import { flagOf, nearest, optionsOf, schema, variableOf } from './options.ts';
import { programName } from './program.ts';
import { parseDuration, parseSize } from './units.ts';

type Properties = typeof json.properties;
type Defaulted = { [Name in keyof Properties]: Properties[Name] extends { default: unknown } ? Name : never }[keyof Properties];

/** The options after {@link loadConfig}: all that have a default in config.schema.json, and those that were given. */
export type Settings = Config & Required<Pick<Config, Defaulted>>;

/**
 * Reads the options of `command`. A flag overrides the environment, which overrides the `--config` file, which overrides the default.
 *
 * @throws UsageError CONFIG_INVALID, OPTION_INVALID, OPTION_UNKNOWN, which name the option, its source, and the most similar known option
 * @example
 * const { settings } = loadConfig('serve', ['--max-size', '10GB'], process.env);
 */
export function loadConfig(command: string, argv: string[], env: NodeJS.ProcessEnv): { settings: Settings; positionals: string[] } {
  const flags = parseFlags(command, argv);
  const { config: file = env['CACHE_SERVER_CONFIG'], ...given } = flags.values;
  const settings = { ...fromFile(file as string | undefined), ...fromEnvironment(env), ...given };
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, verbose: true, keywords: ['commands'], formats: FORMATS });
  const sourceOf = (name: string): string => {
    if (name in given) return `--${flagOf(name)}`;
    return env[variableOf(name)] === undefined ? `${file}: ${name}` : variableOf(name);
  };
  if (!ajv.validate(schema, settings)) throw invalid(ajv.errors ?? [], sourceOf);
  return { settings: settings as unknown as Settings, positionals: flags.positionals };
}

/** Environment variables that have no option: ps shows flags, and config files are committed. */
const SECRETS = ['CACHE_SERVER_UPSTREAM_TOKEN'];

const FORMATS = {
  size: (text: string): boolean => succeeds(() => parseSize(text)),
  duration: (text: string): boolean => succeeds(() => parseDuration(text)),
  uri: (text: string): boolean => URL.canParse(text),
  namespace: isNamespace,
  namespaces: (text: string): boolean => text.split(',').every(isNamespace),
  'token-name': isTokenName,
};

/** What each format expects, for messages. */
const EXPECTED: Record<keyof typeof FORMATS, string> = {
  size: 'a size such as 500MB or 10GB',
  duration: 'a duration such as 30s, 10min or 7d',
  uri: 'an address such as https://host:port',
  namespace: `a namespace: ${NAMESPACE_RULE}`,
  namespaces: `namespaces separated by commas, each ${NAMESPACE_RULE}`,
  'token-name': `a name: ${TOKEN_NAME_RULE}`,
};

function parseFlags(command: string, argv: string[]): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const options = optionsOf(command);
  const flags = Object.fromEntries(
    options.map(([name, { type }]) => [flagOf(name), { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) }]),
  );
  const known = { ...flags, config: { type: 'string' as const } };
  const { tokens } = parseArgs({ args: argv, options: known, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name in known) continue;
    const like = nearest(token.name, Object.keys(known));
    throw new UsageError('OPTION_UNKNOWN', `"${command}" has no option "${token.rawName}"`, like ? `Did you mean --${like}?` : seeHelp(command));
  }
  try {
    const { values: parsed, positionals } = parseArgs({ args: argv, options: known, strict: true, allowPositionals: true });
    const values = parsed as Record<string, string | boolean | undefined>;
    const byName = Object.fromEntries(options.filter(([name]) => values[flagOf(name)] !== undefined).map(([name]) => [name, values[flagOf(name)]]));
    return { values: { ...byName, ...(values['config'] === undefined ? {} : { config: values['config'] }) }, positionals };
  } catch (error) {
    throw new UsageError('OPTION_INVALID', (error as Error).message, seeHelp(command), error);
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = Object.keys(schema.properties);
  const variables = [...names.map(variableOf), 'CACHE_SERVER_CONFIG', ...SECRETS];
  const unknown = Object.keys(env).find((one) => one.startsWith('CACHE_SERVER_') && !variables.includes(one));
  if (unknown) throw new UsageError('OPTION_UNKNOWN', `the environment variable ${unknown} belongs to no option`, hintFor(unknown, variables));
  return Object.fromEntries(names.flatMap((name) => (env[variableOf(name)] === undefined ? [] : [[name, env[variableOf(name)]!]])));
}

function fromFile(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError('CONFIG_INVALID', `${file}: ${(error as Error).message}`, 'The --config file must hold one JSON object.', error);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError('CONFIG_INVALID', `${file}: expected one JSON object`, 'Write options as { "maxSize": "10GB" }.');
  }
  const known = ['$schema', ...Object.keys(schema.properties)];
  const unknown = Object.keys(content).find((one) => !known.includes(one));
  if (unknown) throw new UsageError('OPTION_UNKNOWN', `${file}: there is no option "${unknown}"`, hintFor(unknown, known));
  const { $schema: _, ...options } = content as Record<string, unknown>;
  return options;
}

function invalid(errors: ErrorObject[], sourceOf: (name: string) => string): UsageError {
  const lines = errors.map(({ instancePath, keyword, params, message, data }) => {
    const expected =
      keyword === 'format'
        ? `must be ${EXPECTED[params['format'] as keyof typeof FORMATS]}`
        : keyword === 'enum'
          ? `must be one of ${(params['allowedValues'] as string[]).join(', ')}`
          : message;
    return `${sourceOf(instancePath.slice(1))} ${expected}${data === undefined ? '' : `, not ${JSON.stringify(data)}`}`;
  });
  return new UsageError('CONFIG_INVALID', lines.join('\n  '), seeHelp());
}

function hintFor(name: string, known: string[]): string {
  const like = nearest(name, known);
  return like ? `Did you mean ${like}?` : seeHelp();
}

function seeHelp(command = 'serve'): string {
  return `List the options with ${programName()} ${command} --help.`;
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
