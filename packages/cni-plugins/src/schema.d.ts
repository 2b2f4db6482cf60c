/** Makes a layer of CNI plugins, the nft they call, and the libraries these need. */
export interface CniPluginsOptions {
  /** Names of the plugins. */
  plugins?: string[];
}
