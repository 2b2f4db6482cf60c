// Generated from schema.json by npm run generate.

/**
 * Makes the layer of what runs inside the OS: /init, its topic scripts, containers and networks.
 */
export interface SystemOptions {
  /**
   * The host name. Default: the name of the image.
   */
  hostname?: string;
  /**
   * The OCI runtime that containers run by: runc, or crun, which is smaller and faster. The target that makes it must be in the image.
   */
  ociRuntime: 'runc' | 'crun';
  /**
   * CNI network lists (.conflist files of the image). In the order of the file names; a container joins those that its definition names, or the first.
   */
  networks: string[];
  /**
   * A text file of the image, shown above the containers at the end of the boot. Default: the one of this package.
   */
  motd?: string;
  /**
   * Run a shell in this container on the console.
   */
  consoleContainer?: string;
  /**
   * The disk that volumes are on, found by the label containeros-data of its ext4 file system: use takes it where there is one, create makes one of a blank disk too, none takes no disk.
   */
  dataDisk: 'use' | 'create' | 'none';
  /**
   * Run a root shell of the OS, without a login, on the console; after the container's, where there is one.
   */
  consoleShell: boolean;
}
