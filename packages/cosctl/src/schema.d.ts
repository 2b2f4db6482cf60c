// Generated from schema.json by npm run generate.

/**
 * Builds cosctl, the command of the OS to see and steer its containers, as a layer.
 */
export interface CosctlOptions {}
