// Generated from schema.json by npm run generate.

/**
 * Makes the layer with what runs inside the OS: /init, boot scripts, container and network scripts.
 */
export interface SystemOptions {
  /**
   * The host name. Default: the name of the image.
   */
  hostname?: string;
  /**
   * The OCI runtime that runs containers: runc, or crun, which is smaller and faster. The image needs its layer (target runc or crun).
   */
  ociRuntime: 'runc' | 'crun';
  /**
   * CNI network lists, ordered by file name: .conflist files of the image, or {"file": NAME, "list": LIST}. A container joins the networks that its definition names, or the first one.
   */
  networks: (
    | string
    | {
        file: string;
        list: {};
      }
  )[];
  /**
   * A text file of the image, shown above the list of containers at the end of the boot. Default: the package's own.
   */
  motd?: string;
  /**
   * Open a shell in this container on the console.
   */
  consoleContainer?: string;
  /**
   * The data disk, which holds volumes and has an ext4 file system with the label containeros-data. use: mount it if present; create: also format a blank disk if no disk has the label; none: use no disk.
   */
  dataDisk: 'use' | 'create' | 'none';
  /**
   * The network card, such as eth1, whose routes and name servers are preferred on a machine with several. Default: the card that gets a DHCP lease first.
   */
  uplink?: string;
  /**
   * Open a root shell of the OS on the console, without a login, after the container's shell if there is one.
   */
  consoleShell: boolean;
}
