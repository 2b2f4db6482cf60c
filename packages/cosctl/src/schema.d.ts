// Generated from schema.json by npm run generate.

/**
 * Builds a layer with cosctl, the command of the OS to manage its containers.
 */
export interface CosctlOptions {}
