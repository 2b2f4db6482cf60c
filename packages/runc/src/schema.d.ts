// Generated from schema.json by npm run generate.

/**
 * Makes a layer with runc and the libraries that it needs.
 */
export interface RuncOptions {}
