// Generated from schema.json by npm run generate.

/**
 * Makes a layer with mkfs.ext4, e2fsck and the libraries that they need.
 */
export interface E2FsprogsOptions {}
