// Generated from schema.json by npm run generate.

/**
 * Takes an artifact of the base as it was built before: the files that its entry of the lock file names, verified.
 */
export interface PrebuiltOptions {
  /**
   * The npm package that may have the files, each under its sha256.
   */
  package: string;
  /**
   * The URL of a directory that has each file under its sha256.
   */
  origin?: string;
  /**
   * sha256 of what the artifact was made of.
   */
  recipe?: string;
  /**
   * The files of the artifact. Without the option, the workspace has no lock file with this artifact, and the target fails.
   */
  files?: {
    name: string;
    size: number;
    sha256: string;
  }[];
  /**
   * How the artifact was made: name, version, licence, sources, toolchain, details.
   */
  manifest?: {};
  /**
   * The configuration in which the artifact would be another one: it is not prebuilt, and the target fails.
   */
  configuration?: string;
}
