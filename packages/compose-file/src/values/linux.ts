/** Names that Linux has. The OS reads this module too: it imports nothing. */

/** capabilities(7) of Linux 6.1 to 7.2, without CAP_. */
export const CAPABILITIES: ReadonlySet<string> = new Set(
  (
    'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW ' +
    'IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD ' +
    'LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
  ).split(' '),
);

/** `cap_sys_admin` is SYS_ADMIN, as Docker writes it; undefined for what Linux has not. ALL stands for all of them. */
export function capabilityOf(text: string): string | undefined {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  return name === 'ALL' || CAPABILITIES.has(name) ? name : undefined;
}

/** getrlimit(2). */
export const RLIMITS: ReadonlySet<string> = new Set(
  'AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK'.split(' '),
);

/** Kernel parameters of an IPC namespace, below kernel. */
const IPC_SYSCTLS = ['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map((name) => `kernel.${name}`);

/** The kind of namespace that has a kernel parameter for itself; undefined: the whole OS has one value. */
export function sysctlNamespace(name: string): 'network' | 'ipc' | 'uts' | undefined {
  if (name.startsWith('net.')) return 'network';
  if (name.startsWith('fs.mqueue.') || IPC_SYSCTLS.includes(name)) return 'ipc';
  return name === 'kernel.domainname' ? 'uts' : undefined;
}
