// Generated from schema.json by npm run generate.

/**
 * Says what an image would do with a Compose file: what it cannot do, what changes nothing, what weakens its promises, and what a build needs besides. Writes nothing.
 */
export interface ComposeGeneratorOptions {
  /**
   * The Compose file, named from the workspace's root, or the folder with it.
   */
  file: string;
}
