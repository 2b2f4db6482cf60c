// Generated from schema.json by npm run generate.

/**
 * Packs artifacts as an npm package, with a lock file that names each file by its sha256.
 */
export interface PrebuildOptions {
  /**
   * The targets whose artifacts are packed.
   */
  artifacts: string[];
  /**
   * The base and the architecture: vm-amd64. The package is @container-os/prebuilt-<platform>.
   */
  platform: string;
  /**
   * The number of the lock file, where it is published at a URL: higher than that of each one that was published before.
   */
  serial?: number;
  /**
   * The URL of a directory that will have each file under its sha256, for workspaces without the package.
   */
  origin?: string;
}
