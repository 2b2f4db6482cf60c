// Generated from schema.json by npm run generate.

/**
 * Makes a layer of runc and the libraries it needs.
 */
export interface RuncOptions {}
