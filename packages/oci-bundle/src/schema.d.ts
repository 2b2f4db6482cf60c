// Generated from schema.json by npm run generate.

/**
 * Makes the OCI bundle of one container, as the layer of /containers/<name>.
 */
export interface OciBundleOptions {
  /**
   * The container's name and, by default, its host name. Default: the target's name without "bundle-".
   */
  name?: string;
  /**
   * Parts of its root file system, a later one over an earlier: targets of "dependsOn" that make a layer, such as "busybox", or directories of the image.
   *
   * @minItems 1
   */
  rootfs: [string, ...string[]];
  /**
   * JSON Merge Patches (RFC 7396) to the base configuration, in order: files of the image, or objects.
   */
  config?: (string | {})[];
}
