import type { Definition } from './definition.schema.d.ts';

/** What a container is where its definition says nothing. README.md compares the two in a table. */
export interface Defaults {
  /** Without CAP_. */
  capabilities: readonly string[];
  noNewPrivileges: boolean;
  readOnly: boolean;
  /** Whether writes to the root last until the container is deleted, or only until it ends. */
  keepsWrites: boolean;
  /** Whether /run and /tmp are file systems in memory, or directories of the root. */
  temporary: boolean;
  /** Sizes of /dev and /dev/shm, as mount(8) writes them. */
  devSize: string;
  shmSize: string;
  /** Whether a volume may hold programs. */
  programsOnVolumes: boolean;
  /** Whether the OS mounts a file on /etc/hostname. */
  hostnameFile: boolean;
  nofile: { soft: number; hard: number };
  memory: string | undefined;
  processes: number | undefined;
  restart: string;
  environment(hostname: string): Record<string, string>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What Docker gives a container. */
const DOCKER: Defaults = {
  capabilities: [
    ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'NET_RAW', 'SETFCAP', 'SETGID', 'SETPCAP'],
    ...['SETUID', 'SYS_CHROOT'],
  ],
  noNewPrivileges: false,
  readOnly: false,
  keepsWrites: true,
  temporary: false,
  devSize: '65536k',
  shmSize: '65536k',
  programsOnVolumes: true,
  hostnameFile: true,
  // systemd's, which Docker's and containerd's units no longer raise: with a million, programs that close every descriptor take seconds.
  nofile: { soft: 1024, hard: 524_288 },
  memory: undefined,
  processes: undefined,
  restart: 'no',
  // The runtime adds HOME, from /etc/passwd of the root.
  environment: (hostname) => ({ PATH, HOSTNAME: hostname }),
};

/** As little as most programs need. */
const HARDENED: Defaults = {
  capabilities: ['CHOWN', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
  noNewPrivileges: true,
  readOnly: true,
  keepsWrites: false,
  temporary: true,
  devSize: '64k',
  shmSize: '16m',
  programsOnVolumes: false,
  hostnameFile: false,
  nofile: { soft: 1024, hard: 4096 },
  memory: '256m',
  processes: 512,
  restart: 'always',
  environment: () => ({ PATH, HOME: '/' }),
};

export function defaultsOf({ 'x-profile': profile }: Pick<Definition, 'x-profile'>): Defaults {
  return profile === 'hardened' ? HARDENED : DOCKER;
}
