import { flagOf, optionsOf, type Option } from './options.ts';

/** Each command and what it does, in the order of `--help`. */
export const COMMANDS: Record<string, string> = {
  serve: 'Serve the cache (default).',
  relay: 'Stand between nx and a server, and turn its faults into misses.',
  stats: 'Count entries and bytes, by namespace.',
  verify: 'Read every entry and compare its SHA-256.',
  gc: 'Evict what is too old or too much, now; a running server may go on.',
  token: 'token create --name <name>, token list, token revoke --name <name>.',
};

/**
 * The text of `--help`: of all commands, or of one with its options, made of config.schema.json.
 *
 * @example
 * process.stdout.write(helpText('serve'));
 */
export function helpText(command?: string): string {
  return command === undefined ? overview() : details(command);
}

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, what]) => `  ${name.padEnd(8)} ${what}`);
  return `cache-server: an Nx self-hosted remote cache.

Usage: cache-server [command] [options]

${commands.join('\n')}

${details('serve')}
Every command has --help. --version prints the version.

Try it, on this machine only:
  cache-server serve --directory /var/cache/nx
  NX_SELF_HOSTED_REMOTE_CACHE_SERVER=http://127.0.0.1:8787 npx nx run-many -t build

For a team:
  cache-server token create --tokens tokens.json --name ci --scope read-write
  cache-server token create --tokens tokens.json --name everybody
  cache-server serve --tokens tokens.json --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
  NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN=<token> …
`;
}

function details(command: string): string {
  const rows = optionsOf(command).map(([name, option]) => `  --${flagOf(name)}${argument(option)}\n      ${option.description}${fallback(option)}`);
  return `Options of ${command}: ${COMMANDS[command] ?? ''}
${rows.join('\n')}
  --config <file>
      JSON file of options, by their names in camelCase: { "maxSize": "10GB" }.

An option may stand in the environment, --max-size as CACHE_SERVER_MAX_SIZE. Flags win over environment over file.
A size is a number with KB, MB, GB or TB (of 1024); a duration is one with ms, s, min, h or d.
`;
}

function argument(option: Option): string {
  if (option.type === 'boolean') return '';
  if (option.enum) return ` <${option.enum.join('|')}>`;
  return ` <${option.format ?? (option.type === 'integer' ? 'number' : 'text')}>`;
}

function fallback(option: Option): string {
  return option.default === undefined || option.default === false || option.default === '' ? '' : ` Default: ${String(option.default)}.`;
}
