// Generated from schema.json by npm run generate.

/**
 * Brings a signed lock file from a URL into the workspace, and prints the changes. The plugin fills in the options.
 */
export interface UpdatePrebuiltOptions {
  /**
   * The base and the architecture: vm-amd64.
   */
  platform: string;
  /**
   * The lock file, relative to the workspace's root: the plugin's prebuiltLock.
   */
  lock?: string;
  /**
   * The URL of the lock file, with its signature at <URL>.sig and the public key at <URL>.pub: the plugin's prebuiltUrl.
   */
  url?: string;
  /**
   * The fingerprint of the public key, which is the sha256 of its DER form in lower-case hex: the plugin's prebuiltKey.
   */
  key?: string;
}
