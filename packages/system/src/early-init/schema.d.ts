// Generated from schema.json by npm run generate.

/**
 * Makes the layer of an initramfs whose /init finds the root file system on the boot medium.
 */
export interface EarlyInitOptions {}
