// Generated from schema.json by npm run generate.

/**
 * Fetches and verifies the pinned sources of a channel and writes one receipt each.
 */
export interface SourcesOptions {
  /**
   * Where sources come from.
   */
  channel: 'debian' | 'upstream';
  /**
   * Refuse when the archive no longer has a pinned version, instead of taking its current one.
   */
  frozen: boolean;
}
