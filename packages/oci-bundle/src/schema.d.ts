// Generated from schema.json by npm run generate.

/**
 * Makes the OCI bundle of each container of a service, as a layer with /containers/<name>.
 */
export interface OciBundleOptions {
  /**
   * Parts of the root file system; a later part overrides an earlier one. A part is a target of "dependsOn" that makes a layer ("busybox"), or a directory of the image ("./web").
   *
   * @minItems 1
   */
  rootfs?: [string, ...string[]];
  /**
   * The OCI image whose root file system and configuration the container has, in place of "rootfs": the name of its receipt, which the target oci-images makes.
   */
  image?: string;
  /**
   * The target that builds the OCI image, in place of "image".
   */
  build?: string;
  /**
   * The container: keys of a Compose service; see below.
   */
  service: {};
  /**
   * The containers of the service, each with keys of its own over those of "service". Default: one, with the target's name without "bundle-".
   */
  containers?: {
    container_name: string;
  }[];
  /**
   * Where the values of the service's environment are: the service of a Compose file of the image. No option has a value, because options are shown and recorded.
   */
  environment?: {
    /**
     * The Compose file.
     */
    file: string;
    /**
     * Its service.
     */
    service: string;
    /**
     * The variables.
     */
    variables: string[];
    /**
     * Variables of the process environment that the file uses.
     */
    inherited?: string[];
  };
  /**
   * Where the secrets and configs of the service are that the image holds: names of a Compose file of the image. No option has what they contain.
   */
  contents?: {
    /**
     * The Compose file.
     */
    file: string;
    /**
     * Its secrets.
     */
    secrets?: string[];
    /**
     * Its configs.
     */
    configs?: string[];
    /**
     * Variables of the process environment that the file uses.
     */
    inherited?: string[];
  };
  /**
   * Files and directories of the workspace, relative to the image, that volumes of the service mount: the bundle has a copy of each. One that is not there is an empty directory.
   */
  binds?: string[];
  /**
   * The most bytes that the files of the OCI image may have. Default: 20000000000.
   */
  maxBytes?: number;
  /**
   * The most entries that the layers of the OCI image may have. Default: 2000000.
   */
  maxEntries?: number;
  /**
   * JSON Merge Patches (RFC 7396) for the generated OCI configuration, applied in order: files of the image, or objects.
   */
  patches: (string | {})[];
}
