// Generated from schema.json by npm run generate.

/**
 * Makes the layer of an initramfs whose /init finds the boot medium and mounts its root file system.
 */
export interface EarlyInitOptions {}
