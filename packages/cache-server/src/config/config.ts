import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Ajv, type ErrorObject } from 'ajv';
import type { Config } from '../config.schema.d.ts';
import type json from '../config.schema.json';
import { UsageError } from '../errors.ts';
import { isTokenName, TOKEN_NAME_RULE } from '../access/tokens.ts';
import { isNamespace, NAMESPACE_RULE } from '../protocol.ts';
import { flagOf, nearest, optionsOf, schema, variableOf } from './options.ts';
import { parseDuration, parseSize } from './units.ts';

type Properties = typeof json.properties;
type Defaulted = { [Name in keyof Properties]: Properties[Name] extends { default: unknown } ? Name : never }[keyof Properties];

/** The options after {@link loadConfig}: all that have a default in config.schema.json, and those that were given. */
export type Settings = Config & Required<Pick<Config, Defaulted>>;

/**
 * The options of `command`: flags win over environment over the file of `--config` over defaults.
 *
 * @throws UsageError CONFIG_INVALID, that names the option, where it came from, and the nearest known one
 * @example
 * const { settings } = loadConfig('serve', ['--max-size', '10GB'], process.env);
 */
export function loadConfig(command: string, argv: string[], env: NodeJS.ProcessEnv): { settings: Settings; positionals: string[] } {
  const flags = parseFlags(command, argv);
  const { config: file = env['CACHE_SERVER_CONFIG'], ...given } = flags.values;
  const settings = { ...fromFile(file as string | undefined), ...fromEnvironment(env), ...given };
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, verbose: true, keywords: ['commands'], formats: FORMATS });
  if (!ajv.validate(schema, settings)) throw invalid(ajv.errors ?? [], (name) => (name in given ? `--${flagOf(name)}` : env[variableOf(name)] === undefined ? `${file}: ${name}` : variableOf(name)));
  return { settings: settings as unknown as Settings, positionals: flags.positionals };
}

/** Never options: flags are seen in ps, and files are committed. */
const SECRETS = ['CACHE_SERVER_UPSTREAM_TOKEN'];

const FORMATS = {
  'size': (text: string): boolean => succeeds(() => parseSize(text)),
  'duration': (text: string): boolean => succeeds(() => parseDuration(text)),
  'uri': (text: string): boolean => URL.canParse(text),
  'namespace': isNamespace,
  'namespaces': (text: string): boolean => text.split(',').every(isNamespace),
  'token-name': isTokenName,
};

/** What each format expects, for messages. */
const EXPECTED: Record<keyof typeof FORMATS, string> = {
  'size': 'a size such as 500MB or 10GB',
  'duration': 'a duration such as 30s, 10min or 7d',
  'uri': 'an address such as https://host:port',
  'namespace': `a namespace: ${NAMESPACE_RULE}`,
  'namespaces': `namespaces separated by commas, each ${NAMESPACE_RULE}`,
  'token-name': `a name: ${TOKEN_NAME_RULE}`,
};

function parseFlags(command: string, argv: string[]): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const options = optionsOf(command);
  const flags = Object.fromEntries(options.map(([name, { type }]) => [flagOf(name), { type: type === 'boolean' ? 'boolean' as const : 'string' as const }]));
  const known = { ...flags, config: { type: 'string' as const } };
  const { tokens } = parseArgs({ args: argv, options: known, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const like = nearest(token.name, Object.keys(known));
    if (!(token.name in known)) throw new UsageError('OPTION_UNKNOWN', `"${token.rawName}" is no option of "${command}"`, like ? `Did you mean --${like}?` : `Run cache-server ${command} --help.`);
  }
  try {
    const { values: parsed, positionals } = parseArgs({ args: argv, options: known, strict: true, allowPositionals: true });
    const values = parsed as Record<string, string | boolean | undefined>;
    const byName = Object.fromEntries(options.filter(([name]) => values[flagOf(name)] !== undefined).map(([name]) => [name, values[flagOf(name)]]));
    return { values: { ...byName, ...(values['config'] === undefined ? {} : { config: values['config'] }) }, positionals };
  } catch (error) {
    throw new UsageError('OPTION_INVALID', (error as Error).message, `Run cache-server ${command} --help.`, error);
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = Object.keys(schema.properties);
  const variables = [...names.map(variableOf), 'CACHE_SERVER_CONFIG', ...SECRETS];
  const unknown = Object.keys(env).find((one) => one.startsWith('CACHE_SERVER_') && !variables.includes(one));
  if (unknown) throw new UsageError('OPTION_UNKNOWN', `environment variable ${unknown} is no option`, hintFor(unknown, variables));
  return Object.fromEntries(names.flatMap((name) => (env[variableOf(name)] === undefined ? [] : [[name, env[variableOf(name)]!]])));
}

function fromFile(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError('CONFIG_INVALID', `${file}: ${(error as Error).message}`, 'The file of --config is one JSON object.', error);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new UsageError('CONFIG_INVALID', `${file}: expected one JSON object`);
  const known = ['$schema', ...Object.keys(schema.properties)];
  const unknown = Object.keys(content).find((one) => !known.includes(one));
  if (unknown) throw new UsageError('OPTION_UNKNOWN', `${file}: "${unknown}" is no option`, hintFor(unknown, known));
  const { $schema: _, ...options } = content as Record<string, unknown>;
  return options;
}

function invalid(errors: ErrorObject[], whereIs: (name: string) => string): UsageError {
  const lines = errors.map(({ instancePath, keyword, params, message, data }) => {
    const expected = keyword === 'format' ? `must be ${EXPECTED[params['format'] as keyof typeof FORMATS]}` : keyword === 'enum' ? `must be one of ${(params['allowedValues'] as string[]).join(', ')}` : message;
    return `${whereIs(instancePath.slice(1))} ${expected}${data === undefined ? '' : `, not ${JSON.stringify(data)}`}`;
  });
  return new UsageError('CONFIG_INVALID', lines.join('\n  '), 'cache-server --help lists the options.');
}

function hintFor(name: string, known: string[]): string {
  const like = nearest(name, known);
  return like ? `Did you mean ${like}?` : 'cache-server --help lists the options.';
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
