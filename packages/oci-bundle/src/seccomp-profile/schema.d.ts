// Generated from schema.json by npm run generate.

/**
 * Takes Docker's default seccomp profile from its source, for the bundles and cosctl.
 */
export interface SeccompProfileOptions {}
