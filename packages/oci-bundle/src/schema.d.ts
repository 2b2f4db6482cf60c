// Generated from schema.json by npm run generate.

/**
 * Makes the OCI bundle of one container, as a layer with /containers/<name>.
 */
export interface OciBundleOptions {
  /**
   * The container's definition: a JSON file of the image; see below.
   */
  definition: string;
  /**
   * JSON Merge Patches (RFC 7396) for the generated OCI configuration, applied in order: files of the image, or objects.
   */
  patches: (string | {})[];
}
