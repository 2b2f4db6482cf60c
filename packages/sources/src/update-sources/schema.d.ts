// Generated from schema.json by npm run generate.

/**
 * Renews the lock file of a channel and prints the changes.
 */
export interface UpdateSourcesOptions {
  /**
   * The channel: which sources to use and where to get them, as pinned in sources/<channel>.lock.json.
   */
  channel: 'debian' | 'upstream' | 'seed' | 'seed-6.6.0';
}
