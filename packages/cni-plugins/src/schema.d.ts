// Generated from schema.json by npm run generate.

/**
 * Makes a layer with CNI plugins, the program nft that they call, and the libraries that both need.
 */
export interface CniPluginsOptions {
  /**
   * Names of the plugins.
   *
   * @minItems 1
   */
  plugins: [string, ...string[]];
}
