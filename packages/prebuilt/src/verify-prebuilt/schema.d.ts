// Generated from schema.json by npm run generate.

/**
 * Compares artifacts that were built from source with the lock file, byte by byte.
 */
export interface VerifyPrebuiltOptions {
  /**
   * The targets whose artifacts are compared.
   */
  artifacts: string[];
  /**
   * Their entries in the lock file.
   */
  locked: {};
}
