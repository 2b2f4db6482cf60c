// Generated from schema.json by npm run generate.

/**
 * Makes a layer with tini.
 */
export interface TiniOptions {}
