import { existsSync } from 'node:fs';
import { createToken, readTokens, writeTokens } from '../access/tokens.ts';
import type { Settings } from '../config/config.ts';
import { programName } from '../config/program.ts';
import { parseDuration } from '../config/units.ts';
import { UsageError } from '../errors.ts';
import { table } from './keep-house.ts';

const ACTIONS = 'Actions: create, list, revoke.';

/** The command `token create|list|revoke`. `create` prints the token once; the file keeps its SHA-256. */
export async function token(settings: Settings, [action]: string[]): Promise<number> {
  const { tokens: file, json } = settings;
  if (file === undefined) throw new UsageError('OPTION_MISSING', '"token" needs --tokens <file>', 'Give serve the same file.');
  const tokens = existsSync(file) ? readTokens(file) : [];
  switch (action) {
    case 'create': {
      const name = required(settings.name);
      if (tokens.some((one) => one.name === name)) {
        throw new UsageError('TOKEN_EXISTS', `${file} already has a token "${name}"`, 'Choose another --name, or revoke that token first.');
      }
      const { namespace, scope } = settings;
      const made = createToken({
        name,
        scope,
        namespace,
        reads: settings.reads?.split(',') ?? [namespace],
        ...(settings.expires === undefined ? {} : { expires: new Date(Date.now() + parseDuration(settings.expires)).toISOString() }),
      });
      writeTokens(file, [...tokens, made.token]);
      process.stdout.write(json ? `${JSON.stringify({ name, token: made.secret })}\n` : `${made.secret}\n`);
      if (!json) process.stderr.write(`The token is not shown again. Give it to Nx in NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN.\n`);
      return 0;
    }
    case 'list': {
      const shown = tokens.map(({ sha256: _, ...one }) => one);
      const rows = shown.map(({ name, scope, namespace, reads, expires }) => [name, scope, namespace, reads.join(', '), expires ?? 'never']);
      process.stdout.write(json ? `${JSON.stringify(shown)}\n` : `${table([['name', 'scope', 'writes', 'reads', 'expires'], ...rows])}\n`);
      return 0;
    }
    case 'revoke': {
      const name = required(settings.name);
      const rest = tokens.filter((one) => one.name !== name);
      if (rest.length === tokens.length) {
        throw new UsageError('TOKEN_UNKNOWN', `${file} has no token "${name}"`, `List the tokens with ${programName()} token list --tokens ${file}.`);
      }
      writeTokens(file, rest);
      return 0;
    }
    case undefined:
      throw new UsageError('COMMAND_UNKNOWN', '"token" needs an action', ACTIONS);
    default:
      throw new UsageError('COMMAND_UNKNOWN', `"token" has no action "${action}"`, ACTIONS);
  }
}

function required(name: string | undefined): string {
  if (name === undefined) throw new UsageError('OPTION_MISSING', '--name is missing', 'Give the token a name for the logs: --name ci.');
  return name;
}
