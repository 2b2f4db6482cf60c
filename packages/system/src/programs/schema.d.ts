// Generated from schema.json by npm run generate.

/**
 * Compiles the small programs of the OS that are written in C, as a layer.
 */
export interface ProgramsOptions {}
