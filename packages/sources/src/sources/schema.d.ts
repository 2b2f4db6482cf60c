// Generated from schema.json by npm run generate.

/**
 * Fetches and verifies the pinned sources of a channel and writes one receipt each.
 */
export interface SourcesOptions {
  /**
   * Where sources come from, and which: the lock file sources/<channel>.lock.json.
   */
  channel: 'debian' | 'upstream' | 'seed' | 'seed-6.6.0';
  /**
   * Refuse when the archive no longer has a pinned version, instead of taking its current one.
   */
  frozen: boolean;
}
