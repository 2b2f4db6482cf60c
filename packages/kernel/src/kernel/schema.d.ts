// Generated from schema.json by npm run generate.

/**
 * Builds bzImage and vmlinux from the configuration that kernel-config made.
 */
export interface KernelOptions {}
