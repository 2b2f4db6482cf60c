import { existsSync } from 'node:fs';
import { createToken, readTokens, writeTokens } from '../access/tokens.ts';
import type { Settings } from '../config/config.ts';
import { parseDuration } from '../config/units.ts';
import { UsageError } from '../errors.ts';
import { table } from './keep-house.ts';

/** `token create|list|revoke`. The token is printed once; the file has its SHA-256. */
export async function token(settings: Settings, [action]: string[]): Promise<number> {
  const { tokens: file, json } = settings;
  if (file === undefined) throw new UsageError('OPTION_MISSING', 'token needs --tokens <file>', 'The same file is given to serve.');
  const tokens = existsSync(file) ? readTokens(file) : [];
  switch (action) {
    case 'create': {
      const name = required(settings.name);
      if (tokens.some((one) => one.name === name)) throw new UsageError('TOKEN_EXISTS', `${file} has a token "${name}" already`, 'Take another --name, or revoke it.');
      const { namespace, scope } = settings;
      const made = createToken({
        name, scope, namespace, reads: settings.reads?.split(',') ?? [namespace],
        ...(settings.expires === undefined ? {} : { expires: new Date(Date.now() + parseDuration(settings.expires)).toISOString() }),
      });
      writeTokens(file, [...tokens, made.token]);
      process.stdout.write(json ? `${JSON.stringify({ name, token: made.secret })}\n` : `${made.secret}\n`);
      if (!json) process.stderr.write(`This is the only time that the token is shown. Give it to nx as NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN.\n`);
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
      if (rest.length === tokens.length) throw new UsageError('TOKEN_UNKNOWN', `${file} has no token "${name}"`, 'cache-server token list shows them.');
      writeTokens(file, rest);
      return 0;
    }
    case undefined:
    default:
      throw new UsageError('COMMAND_UNKNOWN', `token ${action ?? ''} is no command`, 'token create, token list, or token revoke.');
  }
}

function required(name: string | undefined): string {
  if (name === undefined) throw new UsageError('OPTION_MISSING', 'this needs --name', 'It is the name of the token, for logs.');
  return name;
}
