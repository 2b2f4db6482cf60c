// Generated from schema.json by npm run generate.

/**
 * What Compose has no word for: how the services of this file become an operating system. Every key is optional.
 */
export interface XOs {
  /**
   * The base, which all its images share: kernel, BusyBox, OCI runtime, CNI plugins.
   */
  base?: string;
  /**
   * The processor architecture of the image.
   */
  architecture?: 'amd64';
  /**
   * Where the base's artifacts come from: prebuilt, as the installed lock file names them, or source, which compiles them here; the bytes are the same. Default: what the plugin's option `sources` in nx.json says.
   */
  sources?: 'prebuilt' | 'source';
  /**
   * What the services have that do not say otherwise: docker, what Docker gives a container; hardened, as little as most programs need. The [table](../oci-bundle#defaults) compares the two.
   */
  profile?: 'docker' | 'hardened';
  /**
   * The host name of the OS. Default: the project's name.
   */
  hostname?: string;
  /**
   * The OCI runtime that runs the containers. Default: that of the base.
   */
  ociRuntime?: 'crun' | 'runc';
  /**
   * The most that the OCI image of a service may have: a larger one is made to fill disks, or is meant to be so large.
   */
  ociImages?: {
    /**
     * Bytes of its layers, uncompressed.
     */
    maxBytes?: number;
    /**
     * Entries of its layers.
     */
    maxEntries?: number;
  };
  /**
   * The kernel, where the base's is not enough. It is then compiled for this image.
   */
  kernel?: {
    /**
     * A defconfig of the kernel's tree, or a configuration file of the image, in place of the base's.
     */
    base?: string;
    /**
     * Configuration fragments of the image, after those of the base.
     */
    fragments?: string[];
  };
  /**
   * BusyBox, where the base's applets are not enough. It is then compiled for this image.
   */
  busybox?: {
    /**
     * Configuration fragments of the image, after those of the base.
     */
    fragments?: string[];
  };
  /**
   * Targets of further artifact plugins, by name. An artifact that makes a layer.cpio is part of the root file system.
   */
  artifacts?: {
    [k: string]: {
      /**
       * The plugin's executor, such as "@acme/agent:agent".
       */
      executor: string;
      /**
       * Its options.
       */
      options?: {};
      /**
       * false: it makes no layer.
       */
      layer?: boolean;
    };
  };
  /**
   * CNI network lists (.conflist files of the image), ordered by file name: the first is Compose's default network, a list's name is the name of its network. Default: a bridge for each network of the file.
   */
  cni?: string[];
  /**
   * What the console offers once the OS has booted.
   */
  console?: {
    /**
     * A root shell of the OS, without a login.
     */
    shell?: boolean;
    /**
     * A shell in the container of this service, before that of the OS.
     */
    container?: string;
  };
  /**
   * The data disk, which holds volumes. use: mount it if present; create: also format a blank disk; none: use no disk. Default: create where a service has a volume or an OCI image, else use.
   */
  dataDisk?: 'use' | 'create' | 'none';
  /**
   * The network card whose routes and name servers are preferred, such as eth1. Default: the card that gets a lease first.
   */
  uplink?: string;
  /**
   * A text file of the image, shown at the end of the boot.
   */
  motd?: string;
  /**
   * The kernel's command line, in place of the base's.
   */
  cmdline?: string;
  /**
   * Size in MiB of the data disk that "run" and "qemu-test" attach. Default: 1024 where a service has a volume or an OCI image, else no disk.
   */
  disk?: number;
  /**
   * The machine of "run" and "qemu-test".
   */
  run?: {
    /**
     * Memory in MiB.
     */
    memory?: number;
    /**
     * Number of processors.
     */
    processors?: number;
    /**
     * Level of the processor's instructions, as in the x86-64 psABI.
     */
    cpu?: 'x86-64' | 'x86-64-v2' | 'x86-64-v3';
  };
  /**
   * What the boot test expects beyond the obvious: options of qemu-test, and boots, the ways to boot; or a YAML file of the image with them.
   */
  test?: string | {};
  /**
   * Limits of sizes, times and memory: options of the target budget, or a YAML file of the image with them.
   */
  budget?: string | {};
  /**
   * Names of variables of the process environment that the file may use in ${NAME}; no other is read. Values in .env come after them.
   */
  environment?: string[];
  /**
   * Other keys of x-os by configuration of Nx: "nx run shop:iso -c pc". "services" names the services that such an image has.
   */
  configurations?: {
    [k: string]: {};
  };
}
