// Generated from schema.json by npm run generate.

/**
 * Renews the lock file of a channel and shows the difference.
 */
export interface UpdateSourcesOptions {
  /**
   * Where sources come from.
   */
  channel: 'debian' | 'upstream';
}
