// Generated from schema.json by npm run generate.

/**
 * Makes a layer of CNI plugins, the nft they call, and the libraries these need.
 */
export interface CniPluginsOptions {
  /**
   * Names of the plugins.
   *
   * @minItems 1
   */
  plugins: [string, ...string[]];
}
