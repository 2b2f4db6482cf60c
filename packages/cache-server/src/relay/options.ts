import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Settings } from '../config/config.ts';
import { parseDuration, parseSize } from '../config/units.ts';
import { UsageError } from '../errors.ts';
import { readKeys } from './signature.ts';
import type { UpstreamOptions } from './upstream.ts';

/** The options of a relay, parsed. */
export interface RelayOptions {
  upstream: UpstreamOptions;
  port: number;
  breakAfter: number;
  /** Milliseconds. */
  breakFor: number;
  /** Milliseconds. */
  gracePeriod: number;
  logLevel: string;
}

/**
 * Parses the options of a relay from the settings and the environment. Reads the token file and the key files.
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
      token:
        settings.upstreamTokenFile === undefined
          ? (env['CACHE_SERVER_UPSTREAM_TOKEN'] ?? env['NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN'])
          : readToken(settings.upstreamTokenFile),
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
    const hasMore = [url.username, url.password, url.search, url.hash].some((part) => part !== '');
    if (/^https?:$/.test(url.protocol) && !hasMore) return url;
  }
  const problem =
    text === undefined ? 'the relay has no upstream' : 'the upstream must be an http or https URL without user name, password, query and fragment';
  throw new UsageError('UPSTREAM_UNKNOWN', problem, 'Set --upstream https://host, or NX_SELF_HOSTED_REMOTE_CACHE_SERVER in the environment.');
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint = 'The file must hold the token for upstream and nothing else.';
    throw new UsageError('TOKEN_UNREADABLE', `cannot read the token file ${file}: ${code}`, hint, error);
  }
}
