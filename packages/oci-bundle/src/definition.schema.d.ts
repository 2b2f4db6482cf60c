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
   * The container's NIS domain name, as domainname(1) prints it.
   */
  domainname?: string;
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
   * bridge: join networks of the image; none: have lo alone; host: use the networks of the OS itself, an opt-out; container:NAME: use the interfaces of another container, which starts first.
   */
  network_mode?: string;
  /**
   * Names of the image's CNI networks to join, in this order, as eth0, eth1 …; "default" is the image's first network. Or what the container is in each of them, by name.
   *
   * @minItems 1
   */
  networks?:
    | [string, ...string[]]
    | {
        [k: string]: {
          /**
           * Further host names, for who is in the network.
           */
          aliases?: string[];
          /**
           * Its address, which nobody else gets.
           */
          ipv4_address?: string;
          /**
           * The same of IPv6.
           */
          ipv6_address?: string;
          /**
           * Further addresses of the interface.
           */
          link_local_ips?: string[];
          /**
           * The interface's MAC address.
           */
          mac_address?: string;
          /**
           * The interface's name. Default: eth0, eth1 …
           */
          interface_name?: string;
          /**
           * The network with the highest number is joined first; of equal ones, the first by name.
           */
          priority?: number;
          /**
           * Of the networks with a way out, that with the highest number has the default route and the published ports; of equal ones, the first by name.
           */
          gw_priority?: number;
        } | null;
      };
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
   * Further host names and their addresses: "db=10.1.2.3". The address host-gateway is the gateway of the container's network.
   */
  extra_hosts?: string[];
  /**
   * Host names that other containers have for this one alone: "shop-db-1:database".
   */
  links?: string[];
  /**
   * Ports of the OS that are forwarded to the container, on the network with its default route: "8080:80", "53:53/udp", "127.0.0.1:8080:80", "[::1]:8080:80". With network_mode none or host they have no effect.
   */
  ports?: string[];
  /**
   * Writable directories in memory: "/cache" or, with options of mount(8), "/cache:size=64m,mode=0700".
   */
  tmpfs?: string[];
  /**
   * What is mounted, in the short or the long form of Compose. "shop:/data" or {type: volume, source: shop, target: /data} mounts a named volume: a directory of the data disk, kept from boot to boot and shared by all containers that name it. {type: volume, target: /data}, without a source, mounts a volume of this container alone. {type: tmpfs} mounts a directory in memory. "/srv/media:/media" mounts a directory of the data disk, which all containers share that name its path. "/etc/os-release:/os" mounts a path of the OS, an opt-out. Options of the short form follow after a colon: "ro" for read-only, "exec" to allow programs, which a hardened container must ask for.
   */
  volumes?: (
    | string
    | {
        /**
         * volume: a directory of the data disk; bind: a path, see below; tmpfs: a directory in memory.
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
         * Of a bind of a path of the workspace, which the build copies.
         */
        'x-workspace'?: {
          /**
           * Where the copy is in the OS. The build writes it.
           */
          copy?: string;
          /**
           * The path in the workspace, where a container writes to it: the data disk then has a copy of its own.
           */
          kept?: string;
          /**
           * What of the copy is mounted.
           */
          subpath?: string;
          /**
           * The build fails if the path is not there.
           */
          required?: boolean;
        };
        /**
         * Of a volume.
         */
        volume?: {
          /**
           * Leave a volume empty, in place of copying what the root has at its place.
           */
          nocopy?: boolean;
          /**
           * The container that a volume without a name belongs to. Default: this one.
           */
          container?: string;
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
   * Secrets that are mounted as files, read-only. An image has those that are not external.
   */
  secrets?: MountedFile[];
  /**
   * Configs that are mounted as files, read-only. An image has those that are not external.
   */
  configs?: MountedFile[];
  /**
   * The root file system is read-only. false: writes go to a layer over the files of the image, which lasts until the container is deleted or the root of its image changes. In a hardened container the layer is in memory, at most half of mem_limit, and lasts until the container ends.
   */
  read_only?: boolean;
  /**
   * Where the writes to a root go that is not read-only: memory, at most a quarter of the machine's for all containers; or disk (the data disk), without which the container does not start. Default: the data disk where there is one, else memory; in a hardened container memory.
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
   * Memory that the container keeps when memory is short, as mem_limit.
   */
  mem_reservation?: string;
  /**
   * How readily the kernel kills the program when memory is short: from -1000, never before others, to 1000, first.
   */
  oom_score_adj?: number;
  /**
   * CPU limit. Without a limit, containers that compete get equal shares.
   */
  cpus?: number;
  /**
   * Period of the CPU limit in microseconds, with cpu_quota.
   */
  cpu_period?: number;
  /**
   * CPU time in a period in microseconds; -1: no limit. In place of cpus.
   */
  cpu_quota?: number;
  /**
   * Share of CPU time among containers that compete; 1024 is that of a container that says nothing.
   */
  cpu_shares?: number;
  /**
   * CPUs that the container may use: "0-2,4".
   */
  cpuset?: string;
  /**
   * Limit of processes and threads; -1 or 0: none.
   */
  pids_limit?: number;
  /**
   * Limits of setrlimit(2), such as "nofile"; -1: no limit.
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
   * Capabilities (see capabilities(7)) without CAP_, in addition to the default ones, or "ALL". They hold in the container's user namespace.
   */
  cap_add?: string[];
  /**
   * Default capabilities to drop, or "ALL".
   */
  cap_drop?: string[];
  /**
   * "seccomp:unconfined" allows every system call, an opt-out; "seccomp:{…}" has a profile in Docker's format or OCI's. "no-new-privileges:true": set-user-ID programs gain no privileges; "no-new-privileges:false" lets them, an opt-out of a hardened container. "systempaths:unconfined": no path of /proc and /sys is masked or read-only, an opt-out.
   */
  security_opt?: string[];
  /**
   * Root of the container is root of the OS, with every capability, device and system call, an opt-out.
   */
  privileged?: boolean;
  /**
   * Devices of the OS in the container, opt-outs: "source", a path below /dev, a device or a directory of devices; "target", its path in the container; "permissions", of r, w and m. Any user of the container may use them.
   */
  devices?: {
    source: string;
    target?: string;
    permissions?: string;
  }[];
  /**
   * Devices that the program may use, opt-outs: type, major and minor number, permissions: "c 189:* rw".
   */
  device_cgroup_rules?: string[];
  /**
   * host: the container sees the processes of the OS, an opt-out.
   */
  pid?: 'host' | 'private';
  /**
   * host: the container shares memory and queues with the OS, an opt-out; none: it has no /dev/shm.
   */
  ipc?: 'host' | 'private' | 'shareable' | 'none';
  /**
   * host: the container has the host name of the OS, an opt-out.
   */
  uts?: 'host';
  /**
   * host: the container sees the control groups of the OS, an opt-out.
   */
  cgroup?: 'host' | 'private';
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
export interface MountedFile {
  /**
   * Its name.
   */
  source: string;
  /**
   * Absolute path in the container.
   */
  target: string;
  /**
   * Owner in the container.
   */
  uid?: string;
  /**
   * Group in the container.
   */
  gid?: string;
  /**
   * Permissions, octal.
   */
  mode?: string;
  /**
   * true: the container waits until the OS has it: as /var/lib/container-os/secrets/NAME (configs/NAME) on the data disk, or from QEMU as opt/org.container-os/secrets/NAME (configs/NAME).
   */
  external?: boolean;
  /**
   * The file of the image. The build writes it.
   */
  'x-file'?: string;
}
