// Generated from schema.json by npm run generate.

/**
 * Makes a layer of tini.
 */
export interface TiniOptions {}
