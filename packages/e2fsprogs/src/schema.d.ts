// Generated from schema.json by npm run generate.

/**
 * Makes a layer of mkfs.ext4, e2fsck and the libraries they need.
 */
export interface E2FsprogsOptions {}
