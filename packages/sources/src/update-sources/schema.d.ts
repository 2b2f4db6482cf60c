// Generated from schema.json by npm run generate.

/**
 * Renews the lock file of a channel and shows the difference.
 */
export interface UpdateSourcesOptions {
  /**
   * Where sources come from, and which: the lock file sources/<channel>.lock.json.
   */
  channel: 'debian' | 'upstream' | 'seed' | 'seed-6.6.0';
}
