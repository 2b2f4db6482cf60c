// Generated from schema.json by npm run generate.

/**
 * A container of an image. Keys and values are those of a service in the Compose specification, as far as this OS supports them.
 */
export interface Definition {
  /**
   * Path of this schema, for editors.
   */
  $schema?: string;
  /**
   * The container's name: letters, digits, "_", "." and "-"; unless "hostname" is set also its host name, with "-" for what no host name has, and 63 characters at most. Default: the target's name without "bundle-".
   */
  container_name?: string;
  /**
   * Labels; "cosctl" takes the name of a service from Compose's own, com.docker.compose.service.
   */
  labels?: {
    [k: string]: string;
  };
  /**
   * Annotations, which "cosctl inspect" shows. The OCI runtime does not get them: some would change what it does.
   */
  annotations?: {
    [k: string]: string;
  };
  /**
   * The first of the 65536 ids outside that the container has for its own, where two names would have the same. Default: by the container's name.
   */
  'x-first-id'?: number;
  /**
   * What the keys have that are not there: docker, what Docker gives a container; hardened, as little as most programs need. See the table below.
   */
  'x-profile'?: 'docker' | 'hardened';
  /**
   * Parts of the root file system; a later part overrides an earlier one. In an image they come from "rootfs" of the service's x-os; for cosctl there is one: a directory next to this file ("./rootfs") or a container ("web").
   *
   * @minItems 1
   */
  rootfs?: [string, ...string[]];
  /**
   * The OCI image that the root file system comes from, in place of "rootfs". The build writes it.
   */
  image?: {
    /**
     * The whole name: docker.io/library/nginx:1.27.
     */
    name: string;
    /**
     * The digest of its manifest.
     */
    digest: string;
  };
  /**
   * The program and its arguments, run without a shell.
   *
   * @minItems 1
   */
  command: [string, ...string[]];
  /**
   * Environment variables, in addition to PATH, HOME and HOSTNAME.
   */
  environment?: {
    [k: string]: string;
  };
  /**
   * Numeric user and group in the container, "1000:1000"; without a group, the group is the user's number.
   */
  user?: string;
  /**
   * Numeric groups of the program besides that of "user".
   */
  group_add?: string[];
  /**
   * The program's working directory.
   */
  working_dir?: string;
  /**
   * The container's host name.
   */
  hostname?: string;
  /**
   * `no`, `always`, `on-failure`, or with `:N` at most N times until somebody starts the container. `unless-stopped` is `always`: a container that somebody stopped stays stopped until the next boot in any case. Delays double from 100 ms to a minute, and begin anew after the container has run for 10 s.
   */
  restart?: string;
  /**
   * Containers to wait for before the first start, each with a "condition": service_started, service_healthy or service_completed_successfully, which is exit code 0. When the condition cannot be met any more, the container does not start.
   */
  depends_on?: {
    [k: string]: {
      condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
      /**
       * false: start even if the condition cannot be met.
       */
      required?: boolean;
      /**
       * true: cosctl restarts this container with the other one.
       */
      restart?: boolean;
    };
  };
  /**
   * A program that the OS runs in the container; the container is healthy if the program exits with 0.
   */
  healthcheck?: {
    /**
     * ["CMD", program, argument…], or ["CMD-SHELL", line for the container's /bin/sh].
     *
     * @minItems 2
     */
    test: ['CMD' | 'CMD-SHELL', ...string[]];
    /**
     * Time before the first check and between two: 30s, 1m30s, 500ms. 0s is the default.
     */
    interval?: string;
    /**
     * A check that takes longer is killed and fails.
     */
    timeout?: string;
    /**
     * The container is unhealthy after this many failures in a row; 0 is the default.
     */
    retries?: number;
    /**
     * Until the first success, failures this soon after the start do not count.
     */
    start_period?: string;
    /**
     * The interval in the start period, until the first success.
     */
    start_interval?: string;
  };
  /**
   * Run tini as the first process; it reaps orphaned processes and forwards signals.
   */
  init?: boolean;
  /**
   * The signal that asks the program to end: a name, or a number.
   */
  stop_signal?: string;
  /**
   * Time to end after the stop signal, before the container is killed: 10s, 1m30s, 500ms.
   */
  stop_grace_period?: string;
  /**
   * Give the program a terminal, of type xterm, whose output is the container's log.
   */
  tty?: boolean;
  /**
   * Keep the program's standard input open, though nobody types. Without it, it is at its end.
   */
  stdin_open?: boolean;
  /**
   * Commands that are executed in the container after its start, in order. Until they have ended, the container is starting. When a command fails, the container is stopped.
   */
  post_start?: Hook[];
  /**
   * Commands that are executed in the container before its stop signal, when somebody stops the container or the OS shuts down, at most a minute each.
   */
  pre_stop?: Hook[];
  /**
   * bridge: join networks of the image; none: have lo alone; host: use the networks of the OS itself, an opt-out.
   */
  network_mode?: 'bridge' | 'none' | 'host';
  /**
   * Names of the image's CNI networks to join, in this order, as eth0, eth1 …; "default" is the image's first network.
   *
   * @minItems 1
   */
  networks?: [string, ...string[]];
  /**
   * Servers that are asked for names which no container of its networks has, in place of those of the OS; the first three are used.
   *
   * @minItems 1
   */
  dns?: [string, ...string[]];
  /**
   * Domains that are searched for a name, in place of those of the OS; ".": none.
   *
   * @minItems 1
   */
  dns_search?: [string, ...string[]];
  /**
   * Options of resolv.conf(5), such as "timeout:2"; "ndots:0" is there unless another one is.
   *
   * @minItems 1
   */
  dns_opt?: [string, ...string[]];
  /**
   * Ports of the OS that are forwarded to the container, on its first network: "8080:80", "53:53/udp", "127.0.0.1:8080:80".
   */
  ports?: string[];
  /**
   * Writable directories in memory: "/cache" or, with options of mount(8), "/cache:size=64m,mode=0700".
   */
  tmpfs?: string[];
  /**
   * What is mounted, in the short or the long form of Compose. "shop:/data" or {type: volume, source: shop, target: /data} mounts a named volume: a directory of the data disk, kept from boot to boot and shared by all containers that name it. {type: volume, target: /data}, without a source, mounts a volume of this container alone. {type: tmpfs} mounts a directory in memory. "/etc/os-release:/os" mounts a path of the OS, an opt-out. Options of the short form follow after a colon: "ro" for read-only, "exec" to allow programs, which a hardened container must ask for.
   */
  volumes?: (
    | string
    | {
        /**
         * volume: a directory of the data disk; bind: a path of the OS; tmpfs: a directory in memory.
         */
        type: 'volume' | 'bind' | 'tmpfs';
        /**
         * The name of the volume, or the path.
         */
        source?: string;
        /**
         * The place in the container.
         */
        target: string;
        /**
         * The container cannot write there.
         */
        read_only?: boolean;
        /**
         * Of a volume.
         */
        volume?: {
          /**
           * Leave a volume empty, in place of copying what the root has at its place.
           */
          nocopy?: boolean;
          /**
           * The directory of the volume that is mounted, which must be there.
           */
          subpath?: string;
        };
        /**
         * Of a directory in memory.
         */
        tmpfs?: {
          /**
           * Bytes at most.
           */
          size?: number;
          /**
           * Permissions, 493 for rwxr-xr-x.
           */
          mode?: number;
        };
      }
  )[];
  /**
   * The root file system is read-only. false: writes go to a layer over the files of the image, in memory: at most a quarter of the machine's for all containers, until the container is deleted. In a hardened container at most half of mem_limit, until it ends.
   */
  read_only?: boolean;
  /**
   * Where the writes to a root go that is not read-only: memory, or disk (the data disk), which keeps them from boot to boot.
   */
  'x-writable-layer'?: 'memory' | 'disk';
  /**
   * Memory limit: bytes, or a number with k, m or g.
   */
  mem_limit?: string;
  /**
   * Size of /dev/shm, as mem_limit.
   */
  shm_size?: string;
  /**
   * CPU limit. Without a limit, containers that compete get equal shares.
   */
  cpus?: number;
  /**
   * Limit of processes and threads.
   */
  pids_limit?: number;
  /**
   * Limits of setrlimit(2), such as "nofile".
   */
  ulimits?: {
    [k: string]: {
      soft: number;
      hard: number;
    };
  };
  /**
   * Kernel parameters of the container's namespaces.
   */
  sysctls?: {
    [k: string]: string;
  };
  /**
   * Capabilities (see capabilities(7)) without CAP_, in addition to the default ones.
   */
  cap_add?: string[];
  /**
   * Default capabilities to drop, or "ALL".
   */
  cap_drop?: string[];
  /**
   * "seccomp:unconfined" allows every system call, an opt-out. "no-new-privileges:true": set-user-ID programs gain no privileges; "no-new-privileges:false" lets them, an opt-out of a hardened container.
   */
  security_opt?: ('seccomp:unconfined' | 'no-new-privileges' | 'no-new-privileges:true' | 'no-new-privileges:false')[];
  /**
   * host: the container's root is root of the OS, an opt-out.
   */
  userns_mode?: 'host';
}
export interface Hook {
  /**
   * The program and its arguments.
   *
   * @minItems 1
   */
  command: [string, ...string[]];
  /**
   * As that of the container, which is the default.
   */
  user?: string;
  /**
   * Give the command all capabilities.
   */
  privileged?: boolean;
  /**
   * Default: that of the container.
   */
  working_dir?: string;
  /**
   * In addition to the container's variables.
   */
  environment?: {
    [k: string]: string;
  };
}
