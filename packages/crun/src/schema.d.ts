// Generated from schema.json by npm run generate.

/**
 * Compiles crun as one static program and makes a layer with it.
 */
export interface CrunOptions {}
