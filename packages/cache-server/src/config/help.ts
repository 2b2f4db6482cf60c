import { flagOf, optionsOf, type Option } from './options.ts';
import { programName } from './program.ts';

/** Each command with its description, in the order of `--help`. */
export const COMMANDS: Record<string, string> = {
  serve: 'Serve the cache. The default command.',
  relay: 'Run a proxy between Nx and a cache server that turns every fault into a miss.',
  stats: 'Show the number and size of entries by namespace.',
  verify: "Read every entry, check its SHA-256 and that it is a gzip'd tar. Exit with 1 if one is corrupt.",
  delete: 'Delete the entries of each <hash> in all namespaces. Only the trusted namespace may write them again.',
  gc: 'Evict entries now, by maxAge and maxSize. Safe while a server runs.',
  token: 'Manage the tokens file: token create --name <name>, token list, token revoke --name <name>.',
};

/**
 * The text of `--help`: an overview, or the options of one command from config.schema.json.
 *
 * @example
 * process.stdout.write(helpText('serve'));
 */
export function helpText(command?: string): string {
  return command === undefined ? overview() : details(command);
}

function overview(): string {
  const program = programName();
  const commands = Object.entries(COMMANDS).map(([name, description]) => `  ${name.padEnd(8)} ${description}`);
  return `cache-server: an Nx self-hosted remote cache.

Usage: ${program} [command] [options]

${commands.join('\n')}

${details('serve')}
Every command has --help. --version prints the version.

Example for one machine:
  ${program} serve --directory /var/cache/nx
  NX_SELF_HOSTED_REMOTE_CACHE_SERVER=http://127.0.0.1:8787 npx nx run-many -t build

Example for a team:
  ${program} token create --tokens tokens.json --name ci --scope read-write
  ${program} token create --tokens tokens.json --name everybody
  ${program} serve --tokens tokens.json --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
  NX_SELF_HOSTED_REMOTE_CACHE_SERVER=https://<host>:8787 NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN=<token> npx nx run-many -t build
`;
}

function details(command: string): string {
  const rows = optionsOf(command).map(([name, option]) => `  --${flagOf(name)}${argument(option)}\n      ${option.description}${fallback(option)}`);
  return `Options of ${command}: ${COMMANDS[command] ?? ''}
${rows.join('\n')}
  --config <file>
      JSON file with options under their camelCase names: { "maxSize": "10GB" }.

Each option is also an environment variable: CACHE_SERVER_MAX_SIZE for --max-size. A flag overrides the variable, which overrides the file.
A size is a number with KB, MB, GB or TB (powers of 1024). A duration is a number with ms, s, min, h or d.
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
