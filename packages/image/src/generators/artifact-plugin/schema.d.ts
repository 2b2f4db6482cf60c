// Generated from schema.json by npm run generate.

/**
 * A plugin that makes an artifact: a package with an executor and its recipe.
 */
export interface ArtifactPluginGeneratorOptions {
  /**
   * The artifact and its target, such as agent.
   */
  name: string;
  /**
   * The folder of the package. Default: packages/<name>.
   */
  directory?: string;
  /**
   * The npm scope of the package.
   */
  scope: string;
}
