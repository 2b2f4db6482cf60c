// Generated from schema.json by npm run generate.

/**
 * Says what this machine lacks for the targets of an image, and the one command that installs it.
 */
export interface DoctorOptions {}
