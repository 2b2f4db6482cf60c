// Generated from schema.json by npm run generate.

/**
 * A container of an image. Keys and values are those of a service in the Compose specification, as far as this OS has them.
 */
export interface Definition {
  /**
   * Where an editor finds this schema.
   */
  $schema?: string;
  /**
   * Its name, and its host name unless told. Default: the target's name without "bundle-".
   */
  container_name?: string;
  /**
   * Parts of its root file system, a later one over an earlier: targets of "dependsOn" that make a layer, such as "busybox", or directories beside this file, such as "./rootfs".
   *
   * @minItems 1
   */
  rootfs: [string, ...string[]];
  /**
   * The program and its arguments. No shell reads them.
   *
   * @minItems 1
   */
  command: [string, ...string[]];
  /**
   * Environment variables, beside PATH and HOME.
   */
  environment?: {
    [k: string]: string;
  };
  /**
   * Numbers of user and group in the container, "1000:1000"; the group is the user's number unless told.
   */
  user?: string;
  /**
   * Where the program starts.
   */
  working_dir?: string;
  /**
   * Its host name.
   */
  hostname?: string;
  /**
   * `always`, `no`, or `on-failure[:N]`, which retries at most N times in a row. Delays double from 1 s to 60 s and reset after the container has run for 10 s.
   */
  restart?: string;
  /**
   * Containers that must be there first, each with a "condition": service_started, service_healthy or service_completed_successfully.
   */
  depends_on?: {
    [k: string]: {
      condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
    };
  };
  /**
   * How the OS knows that it is well, by a program that runs in it and exits with 0.
   */
  healthcheck?: {
    /**
     * ["CMD", program, argument…], or ["CMD-SHELL", line for its /bin/sh].
     *
     * @minItems 2
     */
    test: ['CMD' | 'CMD-SHELL', ...string[]];
    /**
     * Between two checks. Until the first that succeeds they follow sooner: after 1, 2, 4 … s.
     */
    interval?: string;
    /**
     * A check that takes longer has failed.
     */
    timeout?: string;
    /**
     * It is unhealthy after so many failures in a row.
     */
    retries?: number;
    /**
     * Failures so soon after its start do not count.
     */
    start_period?: string;
  };
  /**
   * Its first process is tini, which reaps what the program leaves behind and passes signals on.
   */
  init?: boolean;
  /**
   * What asks it to end.
   */
  stop_signal?: string;
  /**
   * So long it has to end before it is killed: a number of seconds, such as 10s.
   */
  stop_grace_period?: string;
  /**
   * bridge joins it to networks of the image, none leaves it with lo alone, host gives it the networks of the OS itself: an opt-out.
   */
  network_mode?: 'bridge' | 'none' | 'host';
  /**
   * Names of the image's CNI networks that it joins, in this order, as eth0, eth1 …; "default" is the first of the image.
   *
   * @minItems 1
   */
  networks?: [string, ...string[]];
  /**
   * Ports of the OS that lead to it, on its first network: "8080:80", "53:53/udp", "127.0.0.1:8080:80".
   */
  ports?: string[];
  /**
   * Writable directories in memory: "/cache" or, with options of mount(8), "/cache:size=64m,mode=0700". /run and /tmp are there already.
   */
  tmpfs?: string[];
  /**
   * "shop:/data" is a directory of the data disk that stays from boot to boot, the same for all that name it; "/etc/os-release:/os" a path of the OS: an opt-out. Then, after a colon, "ro" to only read it, "exec" to run programs in it.
   */
  volumes?: string[];
  /**
   * Nobody writes to its root file system. false: what it writes there lies over the files of the image, in memory and at most half of mem_limit, until it ends.
   */
  read_only?: boolean;
  /**
   * Where the writes of "read_only": false go: disk is the data disk, where they stay from boot to boot.
   */
  'x-writable-layer'?: 'memory' | 'disk';
  /**
   * At most this much memory: bytes, or a number with k, m or g.
   */
  mem_limit?: string;
  /**
   * At most this many CPUs. Without it, containers that compete get equal shares.
   */
  cpus?: number;
  /**
   * At most this many processes and threads.
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
   * Kernel parameters of its own namespaces.
   */
  sysctls?: {
    [k: string]: string;
  };
  /**
   * Capabilities of capabilities(7), without CAP_, beside the default ones.
   */
  cap_add?: string[];
  /**
   * Default capabilities that it does not need, or "ALL".
   */
  cap_drop?: string[];
  /**
   * Opt-outs: "seccomp:unconfined" allows every system call, "no-new-privileges:false" lets set-user-ID programs work.
   */
  security_opt?: ('seccomp:unconfined' | 'no-new-privileges:false')[];
  /**
   * host: its root is root of the OS. An opt-out.
   */
  userns_mode?: 'host';
}
