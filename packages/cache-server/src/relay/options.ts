import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Settings } from '../config/config.ts';
import { parseDuration, parseSize } from '../config/units.ts';
import { UsageError } from '../errors.ts';
import { readKeys } from './signature.ts';
import type { UpstreamOptions } from './upstream.ts';

/** Everything that a relay needs to know. */
export interface RelayOptions {
  upstream: UpstreamOptions;
  port: number;
  breakAfter: number;
  /** Milliseconds. */
  breakFor: number;
  gracePeriod: number;
  logLevel: string;
}

/**
 * The options of a relay, from settings and environment. Reads the files of token and keys.
 *
 * @throws UsageError UPSTREAM_UNKNOWN, TOKEN_UNREADABLE, KEY_INVALID
 * @example
 * const options = relayOptions(loadConfig('relay', argv, process.env).settings, process.env);
 */
export function relayOptions(settings: Settings, env: NodeJS.ProcessEnv): RelayOptions {
  const spoolDirectory = settings.spool ?? tmpdir();
  return {
    upstream: {
      address: upstreamAddress(settings.upstream ?? env['NX_SELF_HOSTED_REMOTE_CACHE_SERVER']),
      token: settings.upstreamTokenFile === undefined ? (env['CACHE_SERVER_UPSTREAM_TOKEN'] ?? env['NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN']) : readToken(settings.upstreamTokenFile),
      keys: readKeys(settings.trustedKeys, settings.signingKey),
      requireDigest: settings.requireDigest,
      spoolDirectory,
      maxEntrySize: parseSize(settings.maxEntrySize),
      connectTimeout: parseDuration(settings.connectTimeout),
      limits: {
        response: parseDuration(settings.responseTimeout),
        stall: parseDuration(settings.stallTimeout),
        minRate: parseSize(settings.minRate),
        transfer: parseDuration(settings.transferTimeout),
      },
    },
    port: settings.port,
    breakAfter: settings.breakAfter,
    breakFor: parseDuration(settings.breakFor),
    gracePeriod: parseDuration(settings.gracePeriod),
    logLevel: settings.logLevel,
  };
}

function upstreamAddress(text: string | undefined): URL {
  if (text !== undefined && URL.canParse(text)) {
    const url = new URL(text);
    if (/^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  }
  const expected = 'Give --upstream https://host, without a password, or set NX_SELF_HOSTED_REMOTE_CACHE_SERVER.';
  throw new UsageError('UPSTREAM_UNKNOWN', text === undefined ? 'relay has no upstream' : 'the upstream is no http or https address', expected);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError('TOKEN_UNREADABLE', `the token file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, 'It holds the token for upstream and nothing else.', error);
  }
}
