// Generated from schema.json by npm run generate.

/**
 * Fetches and verifies the pinned sources of a channel, and writes one receipt per source.
 */
export interface SourcesOptions {
  /**
   * The channel: which sources to use and where to get them, as pinned in sources/<channel>.lock.json.
   */
  channel: 'debian' | 'upstream' | 'seed' | 'seed-6.6.0';
  /**
   * Fail if the archive no longer has a pinned version, instead of using its current version.
   */
  frozen: boolean;
}
